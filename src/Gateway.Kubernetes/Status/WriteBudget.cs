using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Status;

/// <summary>
/// How often one Ingress's status may be written when somebody else keeps writing another one: each time our value
/// does not stand, the next write waits longer, up to an hour. So two controllers never fight in a loop.
/// </summary>
internal sealed class WriteBudget(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private const int Factor = 4;

    /// <summary>The longest wait; a value that stood so long has no rival.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>From so many lost writes on it is a fight and no coincidence.</summary>
    private const int Fight = 3;

    private EquatableArray<LoadBalancerAddress>? _written;
    private long _writtenAt;
    private TimeSpan? _stood;
    private int _lost;

    /// <summary>What was last written; null: nothing yet.</summary>
    public EquatableArray<LoadBalancerAddress>? Written => _written;

    /// <summary>Whether somebody else undid several writes in a row.</summary>
    public bool IsFight => _lost >= Fight;

    /// <summary>How long ago the last write was.</summary>
    public TimeSpan SinceWrite => time.GetElapsedTime(_writtenAt);

    /// <summary>The status differs from <paramref name="desired"/>: how long to wait before it may be written.</summary>
    public TimeSpan Wait(EquatableArray<LoadBalancerAddress> desired)
    {
        if (_written != desired)
            return TimeSpan.Zero;
        if (_stood is null)
        {
            _stood = SinceWrite;
            _lost = _stood >= Longest ? 1 : _lost + 1;
        }
        var wait = First * Math.Pow(Factor, Math.Min(_lost - 1, 10));
        return (wait < Longest ? wait : Longest) - SinceWrite;
    }

    /// <summary><paramref name="addresses"/> were written.</summary>
    public void Wrote(EquatableArray<LoadBalancerAddress> addresses)
    {
        if (_written != addresses)
            _lost = 0;
        (_written, _writtenAt, _stood) = (addresses, time.GetTimestamp(), null);
    }

    /// <summary>The status is as desired, and has been so for long: nothing is left of a fight.</summary>
    public void Settle() => _lost = 0;
}
