using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Informers;

/// <summary>The namespaces that a selector matches: the server judges their labels, so they come and go as if made and deleted.</summary>
internal sealed class NamespaceScope : IObjectSink<string>
{
    private readonly HashSet<string> _namespaces = new(StringComparer.Ordinal);

    /// <summary>Called when a namespace has begun (true) or ceased to match.</summary>
    public Action<string, bool>? Changed { get; set; }

    public int Count => _namespaces.Count;

    public IReadOnlyList<ObjectName> Names => [.. _namespaces.Select(name => new ObjectName("", name))];

    public bool Put(ObjectName name, string value)
    {
        if (!_namespaces.Add(name.Name))
            return false;
        Changed?.Invoke(name.Name, true);
        return true;
    }

    public bool Remove(ObjectName name)
    {
        if (!_namespaces.Remove(name.Name))
            return false;
        Changed?.Invoke(name.Name, false);
        return true;
    }
}
