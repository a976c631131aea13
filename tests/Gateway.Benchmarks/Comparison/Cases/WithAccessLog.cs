using Gateway.Benchmarks.Comparison.Backends;
using Gateway.Benchmarks.Comparison.Generators;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;

namespace Gateway.Benchmarks.Comparison.Cases;

/// <summary>Small answers, with a log line a request: beside nginx's log as it is by default, and with a buffer.</summary>
internal static class WithAccessLog
{
    private const int Connections = 64;

    public static async Task RunAsync(CaseRun run)
    {
        await using var backend = await NginxBackend.StartAsync(Cores.One.Rest);
        foreach (var log in (AccessLog[])[AccessLog.Default, AccessLog.Buffered])
        {
            await using var peers = await run.StartAsync(new PeerSetup(backend.EndPoint, Cores.One, Log: log));
            await Contest.RunAsync(
                run.Table, log == AccessLog.Default ? "access log, 64 connections" : "access log, nginx's with a buffer, 64 connections",
                [.. peers.Select(peer => new Contestant(peer.Name, peer, duration => Wrk.RunAsync(peer, Cores.One, Connections, duration)))], Cores.One, run.Effort);
        }
    }
}
