using System.Globalization;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;
using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison.Generators;

/// <summary>wrk: as many requests as are answered, over a fixed number of connections.</summary>
internal static class Wrk
{
    // wrk's own report stops at the 99th percentile. A script that only reports costs nothing while requests go.
    private const string Report = """
        done = function(summary, latency, requests)
          local e = summary.errors
          io.write(string.format("figures %d %d %d %d %d %d %d\n", summary.requests, summary.bytes,
            e.connect + e.read + e.write + e.timeout + e.status, summary.duration,
            latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
        end

        """;

    /// <summary>Loads the first route of a peer.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="cores">Where wrk runs; it gets as many threads as the proxy has cores.</param>
    /// <param name="connections">The number of connections.</param>
    /// <param name="duration">How long; rounded up to whole seconds.</param>
    /// <param name="path">What is asked for.</param>
    /// <param name="header">A request field besides Host.</param>
    /// <exception cref="MissingToolException">There is no wrk.</exception>
    public static async Task<LoadResult> RunAsync(
        RunningPeer peer, Cores cores, int connections, TimeSpan duration, string path = "/", string? header = null)
    {
        var script = Path.Combine(peer.Folder, "report.lua");
        await File.WriteAllTextAsync(script, Report);
        var output = await PinnedProcess.CallAsync("taskset",
        [
            "-c", cores.Rest, Tool.Require("wrk"),
            "-t", Text(Math.Min(connections, cores.Count)), "-c", Text(connections), "-d", Text((int)Math.Ceiling(duration.TotalSeconds)),
            "--timeout", "30s", "-s", script, "-H", $"Host: {PeerSetup.Host(0)}", .. header is null ? (string[])[] : ["-H", header],
            $"http://127.0.0.1:{peer.Port}{path}",
        ]);
        var figures = output.Split('\n').Single(line => line.StartsWith("figures ", StringComparison.Ordinal)).Split(' ')[1..]
            .Select(figure => long.Parse(figure, CultureInfo.InvariantCulture)).ToArray();
        return new LoadResult(figures[0], figures[1], figures[2], Time(figures[3]), Time(figures[4]), Time(figures[5]), Time(figures[6]));
    }

    private static TimeSpan Time(long microseconds) => TimeSpan.FromMicroseconds(microseconds);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
