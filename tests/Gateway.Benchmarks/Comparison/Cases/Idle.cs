using Gateway.Benchmarks.Comparison.Backends;
using Gateway.Benchmarks.Comparison.Generators;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;

namespace Gateway.Benchmarks.Comparison.Cases;

/// <summary>What a connection costs while nothing happens on it: the growth of resident memory.</summary>
internal static class Idle
{
    public static async Task RunAsync(CaseRun run)
    {
        await using var backend = new LeanBackend();
        foreach (var (name, count, webSockets) in ((string, int, bool)[])[("idle connections", 10_000, false), ("idle WebSockets", 5_000, true)])
        {
            await using var peers = await run.StartAsync(new PeerSetup(backend.EndPoint, Cores.One));
            foreach (var peer in peers)
                await MeasureAsync(run, backend, peer, name, run.Effort.Of(count), webSockets);
        }
    }

    private static async Task MeasureAsync(CaseRun run, LeanBackend backend, RunningPeer peer, string name, int count, bool webSockets)
    {
        if (run.Effort.WarmUp > TimeSpan.Zero)
            await backend.LoadAsync(peer, [PeerSetup.Host(0)], 64, run.Effort.WarmUp);
        var before = peer.Usage.Resident;
        using var connections = await IdleConnections.OpenAsync(peer, count, webSockets);
        await Task.Delay(run.Effort.Turn);
        var after = peer.Usage.Resident;
        var broken = connections.Refused + await connections.UseAsync();
        run.Table.Add(ResultTable.Text($"{count:#,0} {name}"), peer.Name, after, broken, ResultTable.Text($"{(after - before) / (double)count:#,0} B each"));
    }
}
