using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using static Gateway.Benchmarks.InCluster.BenchmarkCluster;

namespace Gateway.Benchmarks.InCluster;

/// <summary>A route that flips between two ports of its Service, and two timeouts, while requests and a WebSocket go through it.</summary>
internal static class Change
{
    private const string Url = "http://live.example.com/api";

    public static async Task RunAsync(Load load, Report report)
    {
        report.Row("client", "requests", "served by a / b", "not 200 (target 0)", "cut off (target 0)", "p50", "p99", "max");
        await using var cluster = await BenchmarkCluster.StartAsync();
        await using var gateway = await Measured.StartAsync(cluster);
        using var stop = new CancellationTokenSource();
        using var http1 = gateway.ClientFor(HttpVersion.Version11);
        using var http2 = gateway.ClientFor(HttpVersion.Version20);
        var running = Task.WhenAll(
            AskAsync("HTTP/1.1, 6 connections", http1, 6, report, stop.Token),
            AskAsync("HTTP/2, 4 streams of one connection", http2, 4, report, stop.Token),
            TalkAsync(gateway, report, stop.Token));
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var flip = 1; flip <= load.Of(1_000); flip++)
        {
            await pace.WaitForNextTickAsync(CancellationToken.None);
            cluster.Put(Objects.Ingress("live", "live", port: flip % 2 == 0 ? 80 : 8080, annotation: 60 + flip % 2));
        }
        await stop.CancelAsync();
        await running;
    }

    private static async Task AskAsync(string name, HttpClient client, int concurrency, Report report, CancellationToken stop)
    {
        var (times, bad, cut, first, second) = (new Samples(), 0, 0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                var began = Stopwatch.GetTimestamp();
                try
                {
                    using var response = await client.GetAsync(Url, CancellationToken.None);
                    var from = await response.Content.ReadAsStringAsync(CancellationToken.None);
                    if (response.StatusCode != HttpStatusCode.OK)
                        Interlocked.Increment(ref bad);
                    else if (from == "a")
                        Interlocked.Increment(ref first);
                    else
                        Interlocked.Increment(ref second);
                }
                catch (HttpRequestException)
                {
                    Interlocked.Increment(ref cut);
                }
                times.Add(Stopwatch.GetElapsedTime(began));
                await Task.Delay(2, CancellationToken.None);
            }
        }));
        report.Check(bad + cut == 0, $"{name}: {bad} answers that were not 200, {cut} requests cut off");
        report.Check(first > 0 && second > 0, $"{name}: the route never changed");
        report.Row(name, Text($"{times.Count:N0}"), Text($"{first:N0} / {second:N0}"), Text($"{bad}"), Text($"{cut}"), times.At(0.5), times.At(0.99), times.At(1));
    }

    private static async Task TalkAsync(Measured gateway, Report report, CancellationToken stop)
    {
        var (times, cut) = (new Samples(), 0);
        var buffer = new byte[256];
        using var socket = new ClientWebSocket();
        try
        {
            using var client = gateway.ClientFor(HttpVersion.Version11);
            await socket.ConnectAsync(new Uri(Url.Replace("http:", "ws:", StringComparison.Ordinal)), client, CancellationToken.None);
            while (!stop.IsCancellationRequested)
            {
                var began = Stopwatch.GetTimestamp();
                await socket.SendAsync(buffer.AsMemory(0, 32), WebSocketMessageType.Binary, true, CancellationToken.None);
                using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
                await socket.ReceiveAsync(buffer.AsMemory(), deadline.Token);
                times.Add(Stopwatch.GetElapsedTime(began));
                await Task.Delay(10, CancellationToken.None);
            }
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            cut++;
        }
        report.Check(cut == 0, "the WebSocket was cut off");
        report.Row("one WebSocket, messages there and back", Text($"{times.Count:N0}"), "–", "–", Text($"{cut}"), times.At(0.5), times.At(0.99), times.At(1));
    }
}
