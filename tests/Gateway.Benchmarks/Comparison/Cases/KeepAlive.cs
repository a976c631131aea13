using Gateway.Benchmarks.Comparison.Backends;
using Gateway.Benchmarks.Comparison.Generators;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;

namespace Gateway.Benchmarks.Comparison.Cases;

/// <summary>Small answers over connections that are kept.</summary>
internal static class KeepAlive
{
    public static async Task RunAsync(CaseRun run)
    {
        await using var backend = await NginxBackend.StartAsync(Cores.One.Rest);
        await using var peers = await run.StartAsync(new PeerSetup(backend.EndPoint, Cores.One));
        foreach (var connections in (int[])[1, 8, 64, 512])
        {
            await Contest.RunAsync(
                run.Table, ResultTable.Text($"keep-alive, {connections} {(connections == 1 ? "connection" : "connections")}"),
                [.. peers.Select(peer => new Contestant(peer.Name, peer, duration => Wrk.RunAsync(peer, Cores.One, connections, duration)))], Cores.One, run.Effort);
        }
    }
}
