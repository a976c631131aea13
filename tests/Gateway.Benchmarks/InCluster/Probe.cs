using System.Diagnostics;
using static Gateway.Benchmarks.InCluster.BenchmarkCluster;

namespace Gateway.Benchmarks.InCluster;

/// <summary>How long after it was created a route serves, beside how many others, while endpoints and routes change all the time.</summary>
internal static class Probe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Load load, Report report)
    {
        report.Row("Ingresses present and churning", "created to 200: p50", "p99 (target ≤ 10 ms)", "max", "answers that were neither 404 nor 200", "an old route meanwhile: p50", "p99");
        await using var cluster = await BenchmarkCluster.StartAsync();
        await using var gateway = await Measured.StartAsync(cluster);
        await RoundsAsync(cluster, gateway, load.Of(50), new Samples());
        foreach (var present in new[] { 0, 1_000, 5_000, 10_000 })
        {
            cluster.Grow(load.Of(present));
            await gateway.ServesAsync(cluster.Ingresses + 1);
            await Task.Delay(load.Seconds(2));
            using var stop = new CancellationTokenSource();
            var (created, old) = (new Samples(), new Samples());
            var background = Task.WhenAll(cluster.ChurnAsync(stop.Token), AskAsync(gateway, old, report, stop.Token));
            var wrong = await RoundsAsync(cluster, gateway, load.Of(400), created);
            await stop.CancelAsync();
            await background;
            report.Check(wrong == 0, Text($"{wrong} answers beside {present} Ingresses were neither 404 nor 200"));
            report.Row(Text($"{present:N0}"), created.At(0.5), created.At(0.99), created.At(1), Text($"{wrong}"), old.At(0.5), old.At(0.99));
        }
    }

    /// <summary>Creates Ingresses one after the other; returns how many answers were wrong.</summary>
    private static async Task<int> RoundsAsync(BenchmarkCluster cluster, Measured gateway, int rounds, Samples created)
    {
        var wrong = 0;
        for (var round = 0; round < rounds; round++)
        {
            var (name, served) = (Text($"probe-{Random.Shared.NextInt64()}"), false);
            var ingress = Objects.Ingress(name, "live", "/probe");
            var began = Stopwatch.GetTimestamp();
            cluster.Put(ingress);
            while (!served && Stopwatch.GetElapsedTime(began) < Patience)
            {
                var status = await gateway.StatusAsync($"http://{name}.example.com/probe");
                served = status == 200;
                if (status is not (200 or 404))
                    wrong++;
                // Not Task.Delay, whose steps are 4 ms on Linux.
                if (!served)
                    Thread.Sleep(1);
            }
            created.Add(Stopwatch.GetElapsedTime(began));
            if (!served)
                wrong++;
            cluster.Api.Delete("Ingress", "shop", name);
            await Task.Delay(Random.Shared.Next(10, 30));
        }
        return wrong;
    }

    private static async Task AskAsync(Measured gateway, Samples old, Report report, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            var status = await gateway.StatusAsync("http://live.example.com/api");
            old.Add(Stopwatch.GetElapsedTime(began));
            report.Check(status == 200, Text($"an old route answered {status}"));
            await Task.Delay(5, CancellationToken.None);
        }
    }
}
