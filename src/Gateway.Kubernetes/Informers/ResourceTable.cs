using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Informers;

/// <summary>The objects of one kind, and what of their changes matters: a new version that differs in nothing that is used is dropped here.</summary>
internal sealed class ResourceTable(ResourceKind kind, UpdateQueue updates) : IObjectSink<Resource>
{
    private readonly Dictionary<ObjectName, Resource> _held = [];

    /// <summary>Called when an object has changed, or is gone (null).</summary>
    public Action<ObjectName, Resource?>? Changed { get; init; }

    public int Count => _held.Count;

    public IReadOnlyList<ObjectName> Names => [.. _held.Keys];

    public bool Put(ObjectName name, Resource value)
    {
        if (_held.TryGetValue(name, out var known) && known.Equals(value))
            return false;
        _held[name] = value;
        updates.Post(ResourceChange.Upsert(value));
        Changed?.Invoke(name, value);
        return true;
    }

    public bool Remove(ObjectName name)
    {
        if (!_held.Remove(name))
            return false;
        updates.Post(ResourceChange.Delete(new ResourceKey(kind, name)));
        Changed?.Invoke(name, null);
        return true;
    }
}
