using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Objects;
using Gateway.Kubernetes.Status;

namespace Gateway.Kubernetes.Informers;

/// <summary>
/// The Ingresses. Those outside the scope are held but not handed on, so that a namespace which begins to match a
/// selector needs no request; those inside say which Secrets are needed.
/// </summary>
/// <param name="hasSelector">Whether only namespaces that <see cref="SetScope"/> lets in count.</param>
/// <param name="secrets">Told which Secrets are named.</param>
/// <param name="statuses">Told what the status of each is; may be null.</param>
/// <param name="updates">Takes what changed.</param>
internal sealed class IngressTable(bool hasSelector, SecretTable secrets, IngressStatusView? statuses, UpdateQueue updates) : IObjectSink<ObservedIngress>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectName, IngressResource> _held = [];
    private readonly HashSet<string> _scope = new(StringComparer.Ordinal);

    public int Count => _held.Count;

    public IReadOnlyList<ObjectName> Names
    {
        get
        {
            lock (_gate)
                return [.. _held.Keys];
        }
    }

    public bool Put(ObjectName name, ObservedIngress value)
    {
        statuses?.Observe(name, value.Status);
        lock (_gate)
        {
            var ingress = value.Resource;
            var known = _held.GetValueOrDefault(name);
            if (ingress.Equals(known))
                return false;
            _held[name] = ingress;
            if (IsInScope(name.Namespace))
                HandOn(name, known, ingress);
            return true;
        }
    }

    public bool Remove(ObjectName name)
    {
        statuses?.Forget(name);
        lock (_gate)
        {
            if (!_held.Remove(name, out var known))
                return false;
            if (IsInScope(name.Namespace))
                HandOn(name, known, null);
            return true;
        }
    }

    /// <summary>Takes a namespace into the scope, or out of it.</summary>
    public void SetScope(string name, bool isInside)
    {
        lock (_gate)
        {
            if (!(isInside ? _scope.Add(name) : _scope.Remove(name)))
                return;
            foreach (var (key, ingress) in _held)
            {
                if (key.Namespace == name)
                    HandOn(key, isInside ? null : ingress, isInside ? ingress : null);
            }
        }
    }

    private bool IsInScope(string name) => !hasSelector || _scope.Contains(name);

    private void HandOn(ObjectName name, IngressResource? before, IngressResource? after)
    {
        updates.Post(after is null ? ResourceChange.Delete(new ResourceKey(ResourceKind.Ingress, name)) : ResourceChange.Upsert(after));
        // The new names first, so that what both have is not let go in between.
        secrets.Need(after?.SecretNames() ?? []);
        secrets.Release(before?.SecretNames() ?? []);
    }
}
