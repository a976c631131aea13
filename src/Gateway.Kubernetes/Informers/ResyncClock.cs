namespace Gateway.Kubernetes.Informers;

/// <summary>Says when the next comparison with a full list is due: once a period, with jitter.</summary>
/// <param name="period">Zero: never.</param>
/// <param name="time">The clock.</param>
internal sealed class ResyncClock(TimeSpan period, TimeProvider time)
{
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);

    private DateTimeOffset _dueAt = DateTimeOffset.MaxValue;

    /// <summary>Whether it is due.</summary>
    public bool IsDue => time.GetUtcNow() >= _dueAt;

    /// <summary>Everything has been listed just now.</summary>
    public void Restart()
    {
        if (period > TimeSpan.Zero)
            _dueAt = time.GetUtcNow() + period * (0.9 + Random.Shared.NextDouble() / 5);
    }

    /// <summary><paramref name="wanted"/>, or less if it is due before that.</summary>
    public TimeSpan Until(TimeSpan wanted)
    {
        var left = _dueAt - time.GetUtcNow();
        return left < wanted ? left > ShortestWatch ? left : ShortestWatch : wanted;
    }
}
