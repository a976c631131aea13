using Gateway.Benchmarks.Comparison.Generators;
using Gateway.Benchmarks.Comparison.Peers;

namespace Gateway.Benchmarks.Comparison.Measuring;

/// <summary>One row of a contest.</summary>
/// <param name="Name">What the row is called.</param>
/// <param name="Peer">Whose processor time is counted.</param>
/// <param name="Load">Loads it for so long.</param>
/// <param name="Also">What else is to be said of it.</param>
internal sealed record Contestant(string Name, RunningPeer Peer, Func<TimeSpan, Task<LoadResult>> Load, string Also = "");
