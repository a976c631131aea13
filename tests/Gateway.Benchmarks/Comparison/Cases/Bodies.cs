using Gateway.Benchmarks.Comparison.Backends;
using Gateway.Benchmarks.Comparison.Generators;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;

namespace Gateway.Benchmarks.Comparison.Cases;

/// <summary>Long bodies, down and up. What counts is the processor time per byte.</summary>
internal static class Bodies
{
    private const int Megabyte = 1_000_000;

    public static async Task RunAsync(CaseRun run)
    {
        foreach (var (size, connections) in ((int, int)[])[(1, 8), (100, 2)])
        {
            await DownAsync(run, size, connections);
            await UpAsync(run, size, connections);
        }
    }

    private static async Task DownAsync(CaseRun run, int megabytes, int connections)
    {
        await using var backend = await NginxBackend.StartAsync(Cores.One.Rest, (long)megabytes * Megabyte);
        await using var peers = await run.StartAsync(new PeerSetup(backend.EndPoint, Cores.One));
        await RunAsync(
            run, ResultTable.Text($"{megabytes} MB down, {connections} connections"), megabytes,
            peers, (peer, duration) => Wrk.RunAsync(peer, Cores.One, connections, duration, "/file"));
    }

    private static async Task UpAsync(CaseRun run, int megabytes, int connections)
    {
        await using var backend = new LeanBackend();
        await using var peers = await run.StartAsync(new PeerSetup(backend.EndPoint, Cores.One));
        var body = Path.GetTempFileName();
        try
        {
            await using (var file = File.OpenWrite(body))
                file.SetLength((long)megabytes * Megabyte);
            // About as many as a slow proxy manages in a turn.
            await RunAsync(
                run, ResultTable.Text($"{megabytes} MB up, {connections} connections"), megabytes,
                peers, (peer, duration) => H2Load.UploadAsync(peer, Cores.One, connections, Math.Max((int)(duration.TotalSeconds * 500 / megabytes), connections), body));
        }
        finally
        {
            File.Delete(body);
        }
    }

    private static Task RunAsync(CaseRun run, string name, int megabytes, RunningPeers peers, Func<RunningPeer, TimeSpan, Task<LoadResult>> load) => Contest.RunAsync(
        run.Table, name, [.. peers.Select(peer => new Contestant(peer.Name, peer, duration => load(peer, duration)))], Cores.One, run.Effort,
        work: result => (double)result.Bytes / megabytes / Megabyte,
        note: (turns, _) => ResultTable.Text($"{turns.Sum(turn => turn.Load.Bytes) / turns.Sum(turn => (turn.User + turn.Kernel).TotalSeconds) / 1e9:0.00} GB/s per core"));
}
