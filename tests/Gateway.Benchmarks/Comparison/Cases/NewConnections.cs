using Gateway.Benchmarks.Comparison.Backends;
using Gateway.Benchmarks.Comparison.Generators;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;

namespace Gateway.Benchmarks.Comparison.Cases;

/// <summary>A new connection for each request; those to the backend are kept.</summary>
internal static class NewConnections
{
    public static async Task RunAsync(CaseRun run)
    {
        await using var backend = await NginxBackend.StartAsync(Cores.One.Rest);
        await using var peers = await run.StartAsync(new PeerSetup(backend.EndPoint, Cores.One));
        await Contest.RunAsync(
            run.Table, "a connection per request, 64 at once",
            [.. peers.Select(peer => new Contestant(peer.Name, peer, duration => Wrk.RunAsync(peer, Cores.One, 64, duration, header: "Connection: close")))],
            Cores.One, run.Effort);
    }
}
