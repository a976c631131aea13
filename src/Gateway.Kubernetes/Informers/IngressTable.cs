using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Objects;
using Gateway.Kubernetes.Status;

namespace Gateway.Kubernetes.Informers;

/// <summary>
/// The Ingresses that are ours or may become ours; of those of another controller nothing is held. Those outside the scope
/// are held but not handed on, so that a namespace which begins to match a selector needs no request; those inside say
/// which Secrets are needed.
/// </summary>
/// <param name="options">What counts: by namespace, once <see cref="SetScope"/> lets it in, and by class.</param>
/// <param name="secrets">Told which Secrets are named.</param>
/// <param name="statuses">Told what the status of each is; may be null.</param>
/// <param name="updates">Takes what changed.</param>
internal sealed class IngressTable(KubernetesSourceOptions options, SecretTable secrets, IngressStatusView? statuses, UpdateQueue updates)
    : IObjectSink<ObservedIngress>
{
    private readonly Lock _gate = new();

    /// <summary>Null: let go, but still followed, since our address may be in its status.</summary>
    private readonly Dictionary<ObjectName, IngressResource?> _held = [];

    private readonly HashSet<string> _scope = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IngressClassResource> _classes = new(StringComparer.Ordinal);

    /// <summary>Called, with the reason, when Ingresses that are not held may be ours now, so that all have to be put again.</summary>
    public Action<string>? Incomplete { get; set; }

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
        lock (_gate)
        {
            var (ingress, known) = (value.Resource, _held.GetValueOrDefault(name));
            if (IsForeign(ingress))
            {
                if (known is not null)
                    LetGo(name, known);
                if (_held.ContainsKey(name))
                    statuses?.Observe(name, value.Status);
                return known is not null;
            }
            statuses?.Observe(name, value.Status);
            if (ingress.Equals(known))
                return false;
            _held[name] = ingress;
            HandOn(name, known, ingress);
            return true;
        }
    }

    public bool Remove(ObjectName name)
    {
        lock (_gate)
        {
            statuses?.Forget(name);
            if (!_held.Remove(name, out var known))
                return false;
            if (known is not null)
                HandOn(name, known, null);
            return true;
        }
    }

    /// <summary>Takes a namespace into the scope, or out of it.</summary>
    public void SetScope(string name, bool isInside)
    {
        lock (_gate)
        {
            if (isInside == _scope.Contains(name))
                return;
            // What leaves is handed on while it is still inside.
            if (isInside)
                _scope.Add(name);
            foreach (var (key, ingress) in _held)
            {
                if (key.Namespace == name && ingress is not null)
                    HandOn(key, isInside ? null : ingress, isInside ? ingress : null);
            }
            if (!isInside)
                _scope.Remove(name);
        }
    }

    /// <summary>An IngressClass is there, in this state, or gone (null).</summary>
    public void SetClass(string name, IngressClassResource? ingressClass)
    {
        lock (_gate)
        {
            var wasForeign = IsForeign(name);
            if (ingressClass is null)
                _classes.Remove(name);
            else
                _classes[name] = ingressClass;
            if (wasForeign && !IsForeign(name))
            {
                Incomplete?.Invoke($"the IngressClass {name} is no longer another controller's, so that its Ingresses may be served");
                return;
            }
            foreach (var (key, ingress) in _held.ToArray())
            {
                if (ingress is not null && IsForeign(ingress))
                    LetGo(key, ingress);
            }
        }
    }

    private bool IsForeign(string className) =>
        _classes.TryGetValue(className, out var known) && !IngressClasses.IsOurs(known, options.Translation);

    private bool IsForeign(IngressResource ingress) => IngressClasses.IsForeign(ingress, _classes, options.Translation);

    private void LetGo(ObjectName name, IngressResource ingress)
    {
        if (statuses is not null && statuses.LetGo(name))
            _held[name] = null;
        else
            _held.Remove(name);
        HandOn(name, ingress, null);
    }

    private void HandOn(ObjectName name, IngressResource? before, IngressResource? after)
    {
        if (options.NamespaceSelector is not null && !_scope.Contains(name.Namespace))
            return;
        updates.Post(after is null ? ResourceChange.Delete(new ResourceKey(ResourceKind.Ingress, name)) : ResourceChange.Upsert(after));
        // The new names first, so that what both have is not let go in between.
        secrets.Need(after?.SecretNames() ?? []);
        secrets.Release(before?.SecretNames() ?? []);
    }
}
