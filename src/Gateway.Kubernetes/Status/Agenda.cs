using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Status;

/// <summary>Which Ingresses are to be looked at, and when; each is on it at most once.</summary>
internal sealed class Agenda(TimeProvider time)
{
    private readonly SortedDictionary<(TimeSpan At, long Order), ObjectName> _byTime = [];
    private readonly Dictionary<ObjectName, (TimeSpan At, long Order)> _byName = [];
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _pausedUntil;
    private long _added;

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>How long until the next one is due; null: there is none.</summary>
    public TimeSpan? UntilNext => _byTime.Count > 0 ? Later(_byTime.First().Key.At, _pausedUntil) - Now : null;

    /// <summary>Puts <paramref name="ingress"/> on it, unless it is there and due earlier.</summary>
    public void Add(ObjectName ingress, TimeSpan delay)
    {
        var due = (At: Now + delay, Order: _added++);
        if (_byName.TryGetValue(ingress, out var known))
        {
            if (known.At <= due.At)
                return;
            _byTime.Remove(known);
        }
        _byName[ingress] = due;
        _byTime.Add(due, ingress);
    }

    /// <summary>Takes the next one that is due; null: none is.</summary>
    public ObjectName? TakeDue()
    {
        if (UntilNext is not { } wait || wait > TimeSpan.Zero)
            return null;
        var (due, ingress) = _byTime.First();
        _byTime.Remove(due);
        _byName.Remove(ingress);
        return ingress;
    }

    /// <summary>Nothing is due for so long.</summary>
    public void Pause(TimeSpan pause) => _pausedUntil = Now + pause;

    /// <summary>Takes all off.</summary>
    public void Clear()
    {
        _byTime.Clear();
        _byName.Clear();
        _pausedUntil = TimeSpan.Zero;
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
