using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>Which endpoint gets a request.</summary>
public sealed class BalancingTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Requests_are_spread_evenly_over_the_endpoints()
    {
        await using var a = await TestBackend.StartAsync("a");
        await using var b = await TestBackend.StartAsync("b");
        await using var c = await TestBackend.StartAsync("c");
        var host = await gateway.ServeAsync([a.Port, b.Port, c.Port]);

        List<string> answers = [];
        for (var i = 0; i < 30; i++)
            answers.Add((await gateway.Client.AskAsync($"http://{host}/")).Body);

        Assert.Equal([("a", 10), ("b", 10), ("c", 10)], answers.CountBy(answer => answer).OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public async Task Connections_to_an_endpoint_are_kept_and_shared()
    {
        await using var backend = RawBackend.Always();
        var (first, second) = (await gateway.ServeAsync(backend.Port), await gateway.ServeAsync(backend.Port));

        for (var i = 0; i < 10; i++)
        {
            await gateway.Client.AskAsync($"http://{(i % 2 == 0 ? first : second)}/");
            await backend.NextRequestAsync();
        }

        // Each event loop keeps its own.
        Assert.InRange(backend.Connections, 1, Environment.ProcessorCount);
    }
}
