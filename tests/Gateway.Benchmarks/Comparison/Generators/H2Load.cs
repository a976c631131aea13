using System.Globalization;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;
using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison.Generators;

/// <summary>h2load, which sends bodies: a fixed number of requests over HTTP/1.1.</summary>
internal static class H2Load
{
    /// <summary>Sends the file <paramref name="body"/> to the first route of a peer, again and again.</summary>
    /// <exception cref="MissingToolException">There is no h2load.</exception>
    public static async Task<LoadResult> UploadAsync(RunningPeer peer, Cores cores, int connections, int requests, string body)
    {
        var log = Path.Combine(peer.Folder, "requests.tsv");
        File.Delete(log);
        await PinnedProcess.CallAsync("taskset",
        [
            "-c", cores.Rest, Tool.Require("h2load"), "--h1", "--connection-inactivity-timeout=60",
            "-c", Text(connections), "-n", Text(requests), "-d", body, $"--log-file={log}",
            $"--connect-to=127.0.0.1:{Text(peer.Port)}", $"http://{PeerSetup.Host(0)}/",
        ]);
        // A line a request: when it began (µs), its status, how long it took (µs).
        List<long> times = [];
        var (first, last) = (long.MaxValue, 0L);
        foreach (var line in File.ReadLines(log))
        {
            var (began, took) = line.Split('\t') is [var at, var status, var time, ..] && status.StartsWith('2') ? (Number(at), Number(time)) : (0, 0);
            if (took == 0)
                continue;
            (first, last) = (Math.Min(first, began), Math.Max(last, began + took));
            times.Add(took * TimeSpan.TicksPerMicrosecond);
        }
        return LoadResult.Of(times, times.Count * new FileInfo(body).Length, requests - times.Count, TimeSpan.FromMicroseconds(Math.Max(last - first, 1)));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
