using System.Globalization;
using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison.Measuring;

/// <summary>Who runs where, as <c>taskset</c> takes it: the proxy on cores of its own, load and backend on the others.</summary>
/// <param name="Proxy">The cores of the peer under load.</param>
/// <param name="Rest">Those of the load generator and the backend.</param>
/// <param name="Count">How many cores the proxy has.</param>
internal sealed record Cores(string Proxy, string Rest, int Count)
{
    /// <summary>One core for the proxy.</summary>
    public static Cores One { get; } = new("0", Environment.ProcessorCount > 2 ? "1,2" : "1", 1);

    /// <summary>Two cores for the proxy; on a machine with fewer than four, load and backend share them.</summary>
    public static Cores Two { get; } = new("0,1", Environment.ProcessorCount > 3 ? "2,3" : "0,1", 2);

    /// <summary>Whether load and backend run on cores of the proxy.</summary>
    public bool Shared => Proxy == Rest;

    /// <summary>Moves this process, with all its threads, to the cores of load and backend.</summary>
    public Task TakeRestAsync() =>
        PinnedProcess.CallAsync("taskset", "-a", "-c", "-p", Rest, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
}
