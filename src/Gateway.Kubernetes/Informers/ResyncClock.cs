namespace Gateway.Kubernetes.Informers;

/// <summary>Says when the next comparison with a full list is due: once a period, with jitter.</summary>
/// <param name="period">Zero: never.</param>
/// <param name="time">The clock.</param>
internal sealed class ResyncClock(TimeSpan period, TimeProvider time)
{
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);

    private long _restartedAt;
    private TimeSpan _pause = TimeSpan.MaxValue;

    /// <summary>Whether it is due.</summary>
    public bool IsDue => Left <= TimeSpan.Zero;

    private TimeSpan Left => _pause - time.GetElapsedTime(_restartedAt);

    /// <summary>Everything has been listed just now.</summary>
    public void Restart()
    {
        _restartedAt = time.GetTimestamp();
        if (period > TimeSpan.Zero)
            _pause = period * (0.9 + Random.Shared.NextDouble() / 5);
    }

    /// <summary><paramref name="wanted"/>, or less if it is due before that.</summary>
    public TimeSpan Until(TimeSpan wanted)
    {
        var left = Left;
        return left < wanted ? left > ShortestWatch ? left : ShortestWatch : wanted;
    }
}
