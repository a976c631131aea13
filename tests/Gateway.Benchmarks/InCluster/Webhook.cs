using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using static Gateway.Benchmarks.InCluster.BenchmarkCluster;

namespace Gateway.Benchmarks.InCluster;

/// <summary>How long the admission webhook takes to judge an Ingress beside 10,000 others.</summary>
internal static class Webhook
{
    public static async Task RunAsync(Load load, Report report)
    {
        report.Row("10,000 Ingresses", "reviews", "p50", "p99 (target < 10 ms)", "max");
        await using var cluster = await BenchmarkCluster.StartAsync();
        cluster.Grow(load.Of(10_000));
        cluster.Put(Objects.Secret("gateway-admission", "default"));
        var port = FreePort();
        await using var gateway = await Measured.StartAsync(cluster, "--validating-webhook-port", port);
        using var handler = new SocketsHttpHandler { UseProxy = false };
#pragma warning disable CA5359 // The certificate is not what is measured.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        using var client = new HttpClient(handler);
        var url = $"https://127.0.0.1:{port}/validate-ingress";
        await UntilItListensAsync(client, url);

        await MeasureAsync("a new host, idle", i => Objects.Ingress(Text($"fresh-{i}"), "service-1", secret: "secret-1"));
        using var stop = new CancellationTokenSource();
        var churn = cluster.ChurnAsync(stop.Token);
        await MeasureAsync("a new host, 50 endpoint changes/s", i => Objects.Ingress(Text($"fresh-{i}"), "service-1", secret: "secret-1"));
        await MeasureAsync("a host and path that another Ingress has, 50 endpoint changes/s", i =>
        {
            var ingress = Objects.Ingress(Text($"fresh-{i}"), "service-1");
            ingress["spec"]!["rules"]![0]!["host"] = Text($"site-{2 * i % cluster.Ingresses + 1}.example.com");
            return ingress;
        });
        await stop.CancelAsync();
        await churn;

        async Task MeasureAsync(string name, Func<int, JsonObject> ingress)
        {
            var times = new Samples();
            for (var i = 0; i < load.Of(50) + load.Of(1_000); i++)
            {
                using var review = Review(ingress(i));
                var began = Stopwatch.GetTimestamp();
                using var response = await client.PostAsync(url, review);
                var answer = await response.Content.ReadAsStringAsync();
                if (i >= load.Of(50))
                    times.Add(Stopwatch.GetElapsedTime(began));
                report.Check(response.StatusCode == HttpStatusCode.OK && answer.Contains("\"uid\":\"1\"", StringComparison.Ordinal), $"{name}: {answer}");
                await Task.Delay(2);
            }
            report.Row(name, Text($"{times.Count:N0}"), times.At(0.5), times.At(0.99), times.At(1));
        }
    }

    private static async Task UntilItListensAsync(HttpClient client, string url)
    {
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(url);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        }
    }

    private static StringContent Review(JsonObject ingress) => new(
        new JsonObject
        {
            ["apiVersion"] = "admission.k8s.io/v1",
            ["kind"] = "AdmissionReview",
            ["request"] = new JsonObject
            {
                ["uid"] = "1",
                ["kind"] = new JsonObject { ["group"] = "networking.k8s.io", ["version"] = "v1", ["kind"] = "Ingress" },
                ["operation"] = "CREATE",
                ["object"] = ingress,
            },
        }.ToJsonString(),
        Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
}
