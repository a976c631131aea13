namespace Gateway.Benchmarks.Comparison.Measuring;

/// <summary>How much is done.</summary>
/// <param name="Rounds">How often each peer's turn comes.</param>
/// <param name="IsSmoke">A second of each, which measures nothing but shows that all of it works.</param>
internal sealed record Effort(int Rounds, bool IsSmoke)
{
    /// <summary>How long a peer's turn is.</summary>
    public TimeSpan Turn => TimeSpan.FromSeconds(IsSmoke ? 1 : 3);

    /// <summary>How long each peer is loaded before: a runtime that compiles while it runs needs its time.</summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(IsSmoke ? 0 : 10);

    /// <summary>A number of things, or a hundredth of it.</summary>
    public int Of(int count) => IsSmoke ? Math.Max(count / 100, 1) : count;
}
