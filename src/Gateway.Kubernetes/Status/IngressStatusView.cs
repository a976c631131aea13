using System.Threading.Channels;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Status;

/// <summary>
/// What is to be known of Ingresses to write their status and Events: which exist with which status (said by the
/// informer), and which are served (said by the control loop). Every replica keeps it, so that a new leader knows all
/// at once. Safe on any thread.
/// </summary>
public sealed class IngressStatusView
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectName, Entry> _entries = [];
    private readonly HashSet<ObjectName> _changed = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private bool _followed;

    /// <summary>Raised, on the control loop's thread, for an Ingress that came to be served.</summary>
    public event Action<ObjectName>? Served;

    /// <summary>Raised, on the control loop's thread, for an Ingress that ceased to be served.</summary>
    public event Action<ObjectName>? Withdrawn;

    /// <summary>The informer saw an Ingress appear or change; a state that is older than the one known is left out.</summary>
    public void Observe(ObjectName ingress, IngressStatus status)
    {
        lock (_gate)
        {
            var entry = _entries.GetValueOrDefault(ingress);
            var known = entry.Status;
            if (known is not null && status.IsBefore(known))
                return;
            _entries[ingress] = entry with { Status = status };
            if (known is null || known.Uid != status.Uid || known.Addresses != status.Addresses)
                Change(ingress);
        }
    }

    /// <summary>The informer saw an Ingress vanish.</summary>
    public void Forget(ObjectName ingress)
    {
        lock (_gate)
            Put(ingress, new Entry(null, _entries.GetValueOrDefault(ingress).Served));
    }

    /// <summary>
    /// The informer has no use for an Ingress any more. Returns whether it is to be followed all the same, until it vanishes:
    /// one that is or was served may have an address of ours to be taken away.
    /// </summary>
    internal bool LetGo(ObjectName ingress)
    {
        lock (_gate)
        {
            var entry = _entries.GetValueOrDefault(ingress);
            if (entry is { Served: null, LastServed: null })
                Put(ingress, default);
            return _entries.ContainsKey(ingress);
        }
    }

    /// <summary>The control loop published <paramref name="delta"/>.</summary>
    public void Apply(ConfigurationDelta delta)
    {
        List<ObjectName> appeared = [];
        lock (_gate)
        {
            foreach (var ingress in delta.Ingresses)
            {
                var before = _entries.GetValueOrDefault(ingress.Name);
                Put(ingress.Name, before with { Served = ingress });
                if (before.Served is null)
                    appeared.Add(ingress.Name);
            }
            foreach (var name in delta.RemovedIngresses)
            {
                var before = _entries.GetValueOrDefault(name);
                Put(name, new Entry(before.Status, null, before.Served ?? before.LastServed));
            }
        }
        foreach (var name in appeared)
            Served?.Invoke(name);
        foreach (var name in delta.RemovedIngresses)
            Withdrawn?.Invoke(name);
    }

    /// <summary>The <c>metadata.uid</c> of an Ingress, or null when it is not known.</summary>
    public string? Uid(ObjectName ingress)
    {
        lock (_gate)
            return _entries.GetValueOrDefault(ingress).Status?.Uid;
    }

    /// <summary>The Ingresses that are served now.</summary>
    internal IReadOnlyList<ObjectName> AllServed()
    {
        lock (_gate)
            return [.. _entries.Where(entry => entry.Value.Served is not null).Select(entry => entry.Key)];
    }

    /// <summary>What is known of an Ingress.</summary>
    internal (IngressStatus? Status, ServedIngress? Served) Find(ObjectName ingress)
    {
        lock (_gate)
        {
            var entry = _entries.GetValueOrDefault(ingress);
            return (entry.Status, entry.Served);
        }
    }

    /// <summary>How an Ingress that is served no longer was served last; null: it never was.</summary>
    internal ServedIngress? LastServed(ObjectName ingress)
    {
        lock (_gate)
            return _entries.GetValueOrDefault(ingress).LastServed;
    }

    /// <summary>Has something to read when <see cref="TakeChanged"/> has something to give.</summary>
    internal ChannelReader<bool> Changed => _signal.Reader;

    /// <summary>The Ingresses that changed since the last call.</summary>
    internal IReadOnlyList<ObjectName> TakeChanged()
    {
        lock (_gate)
        {
            if (_changed.Count == 0)
                return [];
            ObjectName[] changed = [.. _changed];
            _changed.Clear();
            _signal.Reader.TryRead(out _);
            return changed;
        }
    }

    /// <summary>From now on changes are kept for <see cref="TakeChanged"/>; every Ingress counts as changed.</summary>
    internal void Follow()
    {
        lock (_gate)
        {
            _followed = true;
            foreach (var name in _entries.Keys)
                Change(name);
        }
    }

    /// <summary>Nobody asks for changes any more.</summary>
    internal void Unfollow()
    {
        lock (_gate)
        {
            _followed = false;
            _changed.Clear();
        }
    }

    private void Put(ObjectName ingress, Entry entry)
    {
        if (entry is { Status: null, Served: null })
            _entries.Remove(ingress);
        else
            _entries[ingress] = entry;
        Change(ingress);
    }

    private void Change(ObjectName ingress)
    {
        if (!_followed)
            return;
        _changed.Add(ingress);
        _signal.Writer.TryWrite(true);
    }

    /// <param name="Status">What the informer said; null: nothing.</param>
    /// <param name="Served">What the control loop said; null: not served.</param>
    /// <param name="LastServed">How it was served before it ceased to be; null: it never was, as long as it has existed.</param>
    private readonly record struct Entry(IngressStatus? Status, ServedIngress? Served, ServedIngress? LastServed = null);
}
