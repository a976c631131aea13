using System.Diagnostics;
using Gateway.Benchmarks.Comparison.Generators;
using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison.Measuring;

/// <summary>
/// Some contestants under the same load, in rounds: each round measures all, one after the other, and begins with
/// another. A machine that others use changes its speed from minute to minute, so only what lies in one round is compared.
/// </summary>
internal static class Contest
{
    /// <summary>Warms all up, measures them, and adds a row for each.</summary>
    /// <param name="table">Takes the rows.</param>
    /// <param name="name">What was done.</param>
    /// <param name="contestants">The first is what the others are compared with.</param>
    /// <param name="cores">Where it all runs.</param>
    /// <param name="effort">How long.</param>
    /// <param name="work">How many requests a result stands for, where that is not their number.</param>
    /// <param name="note">What else is to be said of a contestant's turns and of the first one's in the same rounds.</param>
    public static async Task RunAsync(
        ResultTable table, string name, IReadOnlyList<Contestant> contestants, Cores cores, Effort effort,
        Func<LoadResult, double>? work = null, Func<IReadOnlyList<Turn>, IReadOnlyList<Turn>, string>? note = null)
    {
        work ??= static result => result.Requests;
        if (effort.WarmUp > TimeSpan.Zero)
        {
            foreach (var contestant in contestants)
                await contestant.Load(effort.WarmUp);
        }
        var turns = contestants.Select(_ => new List<Turn>()).ToArray();
        for (var round = 0; round < effort.Rounds; round++)
        {
            for (var i = 0; i < contestants.Count; i++)
            {
                var index = (round + i) % contestants.Count;
                turns[index].Add(await MeasureAsync(contestants[index], cores, work, effort.Turn));
            }
        }
        for (var i = 0; i < contestants.Count; i++)
        {
            var calls = effort.IsSmoke ? null : await CallsAsync(contestants[i], cores, work);
            table.Add(name, contestants[i].Name, turns[i], turns[0], calls, note?.Invoke(turns[i], turns[0]) ?? contestants[i].Also);
        }
    }

    private static async Task<Turn> MeasureAsync(Contestant contestant, Cores cores, Func<LoadResult, double> work, TimeSpan duration)
    {
        var (before, core, began) = (contestant.Peer.Usage, Usage.OfCores(cores.Proxy), Stopwatch.GetTimestamp());
        var result = await contestant.Load(duration);
        var (after, busy, elapsed) = (contestant.Peer.Usage, Usage.OfCores(cores.Proxy) - core, Stopwatch.GetElapsedTime(began));
        return new Turn(result, Math.Max(work(result), 1), after.User - before.User, after.Kernel - before.Kernel, busy, elapsed, after.Resident);
    }

    private static async Task<double?> CallsAsync(Contestant contestant, Cores cores, Func<LoadResult, double> work)
    {
        var done = 1.0;
        var calls = await SystemCalls.CountAsync(
            contestant.Peer.Ids, cores.Rest, contestant.Peer.Folder, async () => done = work(await contestant.Load(TimeSpan.FromSeconds(1))));
        return calls / Math.Max(done, 1);
    }
}

/// <summary>What a contestant did in one round.</summary>
/// <param name="Load">What the load generator saw.</param>
/// <param name="Work">The number of requests, which need not be whole.</param>
/// <param name="User">Processor time outside of the kernel.</param>
/// <param name="Kernel">Processor time in the kernel.</param>
/// <param name="Core">How long the proxy's cores worked, for whomever.</param>
/// <param name="Elapsed">How long the turn was.</param>
/// <param name="Resident">Memory at its end, in bytes.</param>
internal sealed record Turn(LoadResult Load, double Work, TimeSpan User, TimeSpan Kernel, TimeSpan Core, TimeSpan Elapsed, long Resident)
{
    /// <summary>Processor time a request, in µs.</summary>
    public double Cost => (User + Kernel).TotalMicroseconds / Work;

    /// <summary>Requests a second.</summary>
    public double Rate => Work / Load.Elapsed.TotalSeconds;

    /// <summary>How many cores were busy with it.</summary>
    public double Busy => (User + Kernel) / Elapsed;

    /// <summary>How many of the proxy's cores were busy with something else: what disturbed the measurement.</summary>
    public double Disturbed => Math.Max((Core - User - Kernel) / Elapsed, 0);
}
