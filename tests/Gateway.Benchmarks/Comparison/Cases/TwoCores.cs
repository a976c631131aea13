using Gateway.Benchmarks.Comparison.Backends;
using Gateway.Benchmarks.Comparison.Generators;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;

namespace Gateway.Benchmarks.Comparison.Cases;

/// <summary>Small answers, with two cores for the proxy.</summary>
internal static class TwoCores
{
    public static async Task RunAsync(CaseRun run)
    {
        var cores = Cores.Two;
        await using var backend = await NginxBackend.StartAsync(cores.Rest);
        await using var peers = await run.StartAsync(new PeerSetup(backend.EndPoint, cores));
        await Contest.RunAsync(
            run.Table, "two cores, 64 connections",
            [.. peers.Select(peer => new Contestant(peer.Name, peer, duration => Wrk.RunAsync(peer, cores, 64, duration), cores.Shared ? "load and backend share both cores" : ""))],
            cores, run.Effort);
    }
}
