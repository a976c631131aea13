using System.Diagnostics;
using static Gateway.Benchmarks.InCluster.BenchmarkCluster;

namespace Gateway.Benchmarks.InCluster;

/// <summary>What many objects cost: the start, memory, idling, each change, and the objects of others.</summary>
internal static class Scale
{
    public static async Task RunAsync(Load load, Report report)
    {
        report.Row("", "measured", "target");
        await using var cluster = await BenchmarkCluster.StartAsync();
        // Telling of each Ingress that it was taken up, ten a second, would go on for a quarter of an hour.
        cluster.Api.Faults.Forbid("events");

        cluster.Grow(load.Of(5_000));
        await StartAsync("5,000 Ingresses", "≤ 150 MB", gateway => Task.CompletedTask);
        cluster.Grow(load.Of(10_000));
        await StartAsync("10,000 Ingresses, 2,000 Services and slices, 500 Secrets", "≤ 250 MB", async gateway =>
        {
            await IdleAsync(gateway, load, report);
            await EventsAsync(cluster, gateway, load, report);
            report.Row("– resident after all these events", Megabytes(gateway.Resident.Now), "≤ 250 MB");
        });
        for (var i = 0; i < load.Of(10_000); i++)
            cluster.Put(Objects.Ingress(Text($"foreign-{i}"), "service-1", className: "foreign"));
        await StartAsync("the same beside 10,000 Ingresses of another class", "+ ≈ 0", gateway => Task.CompletedTask);
        for (var i = 0; i < load.Of(2_500); i++)
        {
            cluster.Put(Objects.Secret(Text($"unused-{i}")));
            cluster.Put(Objects.OpaqueSecret(Text($"opaque-{i}")));
        }
        await StartAsync("… and 5,000 Secrets that no Ingress names", "+ ≈ 0", gateway => Task.CompletedTask);

        async Task StartAsync(string name, string memory, Func<Measured, Task> then)
        {
            await using var gateway = await Measured.StartAsync(cluster);
            var (served, processor) = (await gateway.IngressesAsync(), gateway.ProcessorTime);
            report.Check(served == cluster.Ingresses + 1, Text($"{name}: ready with {served} Ingresses"));
            report.Row($"**{name}**: started and ready", Text($"{gateway.StartTime.TotalSeconds:0.0} s ({processor.TotalSeconds:0.0} s of CPU)"), "≤ 5 s");
            await Task.Delay(load.Seconds(20));
            var (resident, peak) = gateway.Resident;
            var heap = await gateway.MetricAsync("dotnet_gc_heap_bytes");
            report.Row("– resident 20 s later (peak; managed heap after the last collection)", $"{Megabytes(resident)} ({Megabytes(peak)}; {Megabytes((long)heap)})", memory);
            await then(gateway);
        }
    }

    private static async Task IdleAsync(Measured gateway, Load load, Report report)
    {
        var (began, before) = (Stopwatch.GetTimestamp(), gateway.ProcessorTime);
        await Task.Delay(load.Seconds(20));
        var share = (gateway.ProcessorTime - before) / Stopwatch.GetElapsedTime(began);
        report.Row("– CPU while nothing happens, leading", Text($"{share * 100:0.00} % of a core"), "≈ 0");
    }

    private static async Task EventsAsync(BenchmarkCluster cluster, Measured gateway, Load load, Report report)
    {
        (string Name, Action<int> Change)[] kinds =
        [
            ("an endpoint is replaced", cluster.ReplacePod),
            ("an Ingress changes in nothing that is used", cluster.Touch),
            ("a route is changed", cluster.ChangeRoute),
            ("an Ingress of another class changes", i => cluster.Put(Objects.Ingress("foreign", "service-1", className: "foreign", path: Text($"/{i}")))),
            ("a Secret that no Ingress names changes", i => cluster.Put(Objects.Secret("unused", revision: i))),
        ];
        foreach (var (name, change) in kinds)
        {
            for (var i = 0; i < 100; i++)
                change(i % cluster.Ingresses);
            await Task.Delay(load.Seconds(1));
            var (count, allocated, processor) = (load.Of(1_000), await AllocatedAsync(gateway), gateway.ProcessorTime);
            // One by one, so that none is made up for by the next.
            for (var i = 0; i < count; i++)
            {
                change(1_000 + i < cluster.Ingresses ? 1_000 + i : i % cluster.Ingresses);
                await Task.Delay(4);
            }
            await Task.Delay(load.Seconds(0.5));
            var (bytes, time) = (await AllocatedAsync(gateway) - allocated, gateway.ProcessorTime - processor);
            report.Row($"– {name}: allocated, CPU", Text($"{bytes / count / 1024:0.0} KB, {time.TotalMicroseconds / count:0} µs"), "stated");
        }
    }

    private static Task<double> AllocatedAsync(Measured gateway) => gateway.MetricAsync("dotnet_gc_allocated_bytes_total");

    private static string Megabytes(long bytes) => Text($"{bytes / 1024.0 / 1024.0:0} MB");
}
