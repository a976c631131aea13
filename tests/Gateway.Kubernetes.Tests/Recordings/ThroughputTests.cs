using System.Text.Json.Nodes;
using Gateway.Testing.ApiServer;

namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>The double copes with as many objects and changes as the tests and benchmarks of the gateway ask of it.</summary>
public sealed class ThroughputTests
{
    [Fact]
    public async Task Ten_thousand_ingresses_are_listed_in_pages()
    {
        await using var api = await ApiServer.StartAsync();
        using var client = new Client(api);
        var ingress = api.Apply(Objects.Ingress("first"))[0];
        for (var i = 0; i < 10_000; i++)
        {
            ingress["metadata"] = new JsonObject { ["name"] = $"ingress-{i}", ["namespace"] = "demo" };
            api.Put(ingress);
        }

        var (items, next) = (0, "");
        do
        {
            var page = (await client.GetAsync($"/apis/networking.k8s.io/v1/ingresses?limit=500&continue={next}")).Json;
            items += page["items"]!.AsArray().Count;
            next = (string?)page["metadata"]!["continue"];
        }
        while (next is not null);

        Assert.Equal(10_001, items);
    }

    [Fact]
    public async Task Several_watches_follow_thousands_of_changes_without_losing_one()
    {
        const int Changes = 10_000;
        await using var api = await ApiServer.StartAsync();
        using var client = new Client(api);
        var ingress = api.Apply(Objects.Ingress("a"))[0];
        var watches = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={api.ResourceVersion}")));
        var readers = watches.Select(watch => Task.Run(async () =>
        {
            for (var i = 0; i < Changes; i++)
                await watch.NextLineAsync();
        })).ToArray();

        for (var i = 0; i < Changes; i++)
        {
            ingress["metadata"]!["labels"] = new JsonObject { ["v"] = $"{i}" };
            api.Put(ingress);
        }
        await Task.WhenAll(readers);
        foreach (var watch in watches)
            watch.Dispose();
    }
}
