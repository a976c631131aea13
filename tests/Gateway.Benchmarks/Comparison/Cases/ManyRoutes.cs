using Gateway.Benchmarks.Comparison.Backends;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;

namespace Gateway.Benchmarks.Comparison.Cases;

/// <summary>Small answers while few and many hosts are served, up to a thousand of which are asked in turn.</summary>
internal static class ManyRoutes
{
    private const int AskedAtMost = 1_000;

    public static async Task RunAsync(CaseRun run)
    {
        await using var backend = new LeanBackend();
        foreach (var routes in ((int[])[1, 1_000, 10_000, 100_000]).Select(run.Effort.Of).Distinct())
        {
            await using var peers = await run.StartAsync(new PeerSetup(backend.EndPoint, Cores.One, routes));
            var asked = Math.Min(routes, AskedAtMost);
            string[] hosts = [.. Enumerable.Range(0, asked).Select(i => PeerSetup.Host((int)((long)i * routes / asked)))];
            await Contest.RunAsync(
                run.Table, ResultTable.Text($"{routes:#,0} {(routes == 1 ? "route" : "routes")}, 64 connections"),
                [
                    .. peers.Select(peer => new Contestant(
                        peer.Name, peer, duration => backend.LoadAsync(peer, hosts, 64, duration), ResultTable.Text($"started in {peer.StartTime.TotalSeconds:0.0} s"))),
                ],
                Cores.One, run.Effort);
        }
    }
}
