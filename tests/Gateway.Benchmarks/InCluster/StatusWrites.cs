using System.Diagnostics;
using System.Text.Json.Nodes;
using static Gateway.Benchmarks.InCluster.BenchmarkCluster;

namespace Gateway.Benchmarks.InCluster;

/// <summary>How many writes it takes until many new Ingresses have their status.</summary>
internal static class StatusWrites
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task RunAsync(Load load, Report report)
    {
        var count = load.Of(1_000);
        await using var cluster = await BenchmarkCluster.StartAsync();
        await using var gateway = await Measured.StartAsync(cluster);
        cluster.Grow(load.Of(1_000));
        await gateway.ServesAsync(cluster.Ingresses + 1);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
            cluster.Put(Objects.Ingress(Text($"new-{i}"), "live", written: false));
        var created = Stopwatch.GetElapsedTime(began);
        while (Missing() > 0 && Stopwatch.GetElapsedTime(began) < Patience)
            await Task.Delay(200);
        var written = Stopwatch.GetElapsedTime(began);
        await Task.Delay(load.Seconds(5));

        var writes = cluster.Api.Calls.Where(call => call is { Target: "ingresses/status", Verb: not "get" }).ToList();
        var repeated = writes.Count - writes.DistinctBy(call => call.Name).Count();
        var refused = writes.Count(call => call.Status is < 200 or > 299);
        report.Row("", "measured", "target");
        report.Row("Ingresses created", Text($"{count:N0} in {created.TotalSeconds:0.0} s"), "");
        report.Row("status writes", Text($"{writes.Count:N0}"), Text($"≤ {count:N0}"));
        report.Row("of them repeated", Text($"{repeated}"), "0");
        report.Row("of them refused", Text($"{refused}"), "0");
        report.Row("all have their status after", Text($"{written.TotalSeconds:0} s ({writes.Count / written.TotalSeconds:0} writes/s; limited to 20)"), "");
        report.Check(Missing() == 0, Text($"{Missing()} Ingresses have no status"));
        report.Check(writes.Count <= count && repeated == 0, "there were more writes than Ingresses");

        int Missing() => cluster.Api.List("Ingress").Count(ingress => ingress["status"]?["loadBalancer"]?["ingress"] is not JsonArray { Count: > 0 });
    }
}
