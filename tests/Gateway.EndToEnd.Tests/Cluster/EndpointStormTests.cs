using System.Diagnostics;
using System.Globalization;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>More changes of endpoints than any cluster makes.</summary>
public sealed class EndpointStormTests(ClusterFixture cluster) : IClassFixture<ClusterFixture>
{
    private const int Services = 50;
    private const int EventsPerSecond = 5000;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Five_thousand_events_a_second_are_followed_to_the_last_one()
    {
        for (var i = 0; i < Services; i++)
            cluster.Api.Apply(ClusterYaml.Service(Name(i), 8080) + ClusterYaml.Ingress(Name(i), $"{Name(i)}.test", Name(i)));
        cluster.Api.Apply(ClusterYaml.Ingress("calm", "calm.test", "web"));
        await cluster.BecomesAsync("http://calm.test/", answer => answer.From == "web");
        var before = await SeenAsync();
        await using var load = ConstantLoad.Start(cluster.Gateway, "http://calm.test/");

        var clock = Stopwatch.StartNew();
        var sent = 0;
        using (var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10)))
        {
            while (sent < EventsPerSecond * Duration.TotalSeconds)
            {
                for (var due = EventsPerSecond * Math.Min(clock.Elapsed.TotalSeconds, Duration.TotalSeconds); sent < due; sent++)
                    Change(sent % Services, sent);
                await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }
        }

        // What is newest by the API is served.
        var wanted = Enumerable.Range(0, Services).Select(AddressOf).Order(StringComparer.Ordinal).ToArray();
        await Eventually.IsAsync(async () => string.Join(' ', (await ServedAsync()).Order(StringComparer.Ordinal)), served => served == string.Join(' ', wanted));
        await load.EndAsync();
        Assert.Equal(before + sent, await SeenAsync());
        await using var fresh = await cluster.RunGatewayAsync();
        await Replicas.AgreeAsync(cluster.Gateway, fresh);
    }

    private static string Name(int service) => string.Create(CultureInfo.InvariantCulture, $"storm-{service}");

    private void Change(int service, int number)
    {
        var slice = cluster.Api.Get("EndpointSlice", "default", $"{Name(service)}-0")!;
        slice["endpoints"]![0]!["addresses"]![0] = string.Create(CultureInfo.InvariantCulture, $"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}");
        cluster.Api.Put(slice);
    }

    private string AddressOf(int service) => (string)cluster.Api.Get("EndpointSlice", "default", $"{Name(service)}-0")!["endpoints"]![0]!["addresses"]![0]! + ":8080";

    private async Task<IEnumerable<string>> ServedAsync()
    {
        var clusters = await cluster.Gateway.ReadAsync("/api/clusters?limit=1000");
        return clusters.GetProperty("items").EnumerateArray()
            .Where(one => one.GetProperty("service").GetString()!.Contains("/storm-", StringComparison.Ordinal))
            .SelectMany(one => one.GetProperty("endpoints").EnumerateArray().Select(endpoint => endpoint.GetProperty("address").GetString()!));
    }

    private Task<double> SeenAsync() => cluster.Gateway.ReadMetricAsync("gateway_watch_events_total{kind=\"EndpointSlice\"}");
}
