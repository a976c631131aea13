using Gateway.Benchmarks.Comparison.Backends;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;

namespace Gateway.Benchmarks.Comparison.Cases;

/// <summary>The same with load and backend in one thread, which are never what limits: the proxy's core is busy.</summary>
internal static class Saturated
{
    public static async Task RunAsync(CaseRun run)
    {
        await using var backend = new LeanBackend();
        await using var peers = await run.StartAsync(new PeerSetup(backend.EndPoint, Cores.One));
        await Contest.RunAsync(
            run.Table, "saturated, 64 connections",
            [.. peers.Select(peer => new Contestant(peer.Name, peer, duration => backend.LoadAsync(peer, [PeerSetup.Host(0)], 64, duration)))],
            Cores.One, run.Effort);
    }
}
