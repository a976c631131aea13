namespace Gateway.Kubernetes.Informers;

/// <summary>Pauses that double, with jitter, so that many clients do not come back at the same moment.</summary>
internal sealed class Backoff
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _next = Shortest;

    /// <summary>Whether the next pause is the shortest: nothing has failed since <see cref="Reset"/>.</summary>
    public bool IsShort => _next == Shortest;

    /// <summary>The next pause: 50–100 % of 100 ms, 200 ms, … 30 s.</summary>
    public TimeSpan Next()
    {
        var pause = _next * (0.5 + Random.Shared.NextDouble() / 2);
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return pause;
    }

    /// <summary>All is well: the next pause is a short one.</summary>
    public void Reset() => _next = Shortest;
}
