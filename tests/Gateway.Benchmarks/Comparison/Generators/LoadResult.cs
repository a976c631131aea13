namespace Gateway.Benchmarks.Comparison.Generators;

/// <summary>What one run of a load generator saw.</summary>
/// <param name="Requests">Requests that were answered.</param>
/// <param name="Bytes">What was received, or sent where bodies go that way.</param>
/// <param name="Errors">Answers other than 2xx, connections that could not be made or were cut off, time-outs.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="P50">The time that half of the answers did not exceed; null where the generator does not tell.</param>
/// <param name="P99">The same of 99 %.</param>
/// <param name="P999">The same of 99.9 %.</param>
internal sealed record LoadResult(long Requests, long Bytes, long Errors, TimeSpan Elapsed, TimeSpan P50, TimeSpan P99, TimeSpan P999)
{
    /// <summary>The result for <paramref name="times"/>, in ticks of 100 ns; sorts them.</summary>
    public static LoadResult Of(List<long> times, long bytes, long errors, TimeSpan elapsed)
    {
        times.Sort();
        return new LoadResult(times.Count, bytes, errors, elapsed, At(0.5), At(0.99), At(0.999));

        TimeSpan At(double part) => times.Count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(times[Math.Max((int)Math.Ceiling(part * times.Count) - 1, 0)]);
    }
}
