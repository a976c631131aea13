using Gateway.Kubernetes.Tests.Harness;
using Gateway.Testing.ApiServer;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>Many changes at once.</summary>
public sealed class BurstTests
{
    [Fact]
    public async Task Fifty_thousand_EndpointSlice_events_lose_nothing()
    {
        // As many as 5,000 a second make in 10 s, as fast as they come.
        const int Changes = 50_000;
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { HistoryLimit = 2 * Changes });
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        var slices = Enumerable.Range(0, 100).Select(i => api.Apply(Yaml.Slice($"web-{i}", $"web-{i}", "10.255.0.1"))[0]).ToArray();
        for (var i = 0; i < Changes; i++)
        {
            var slice = slices[i % slices.Length];
            slice["endpoints"]![0]!["addresses"]![0] = $"10.{i >> 16}.{i >> 8 & 255}.{i & 255}";
            api.Put(slice);
        }
        await source.UntilAsync(() => source.StatusOf("EndpointSlice").Events == Changes + slices.Length, timeout: TimeSpan.FromSeconds(60));

        await source.AssertSameAsAFreshListAsync(cluster);
        Assert.Equal((1, 0), (source.StatusOf("EndpointSlice").Lists, source.StatusOf("EndpointSlice").Errors));
        // Of an object only its newest state is in a batch, so batches are fewer and smaller than events.
        Assert.All(source.Updates, update => Assert.Equal(update.Changes.Count, update.Changes.Select(change => change.Key).Distinct().Count()));
        Assert.InRange(source.Updates.Count, 1, Changes / 2);
    }

    [Fact]
    public async Task What_comes_while_a_batch_is_worked_on_becomes_one_batch()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);
        var busy = new TaskCompletionSource();
        source.OnUpdate = _ => busy.Task;

        api.Apply(Yaml.Service("first"));
        await source.UntilAsync(() => source.Objects.Count == 1);
        for (var i = 0; i < 50; i++)
            api.Apply(Yaml.All(Yaml.Service($"web-{i % 10}"), Yaml.Ingress("web", host: $"{i}.example")));
        api.Delete("Service", "demo", "web-3");
        await source.UntilAsync(() => source.StatusOf("Service") is { Objects: 10, Events: >= 12 } && source.StatusOf("Ingress").Events == 50);
        busy.SetResult();

        await source.UntilAsync(() => source.Updates.Count == 3);
        var batch = source.Updates.Last().Changes;
        Assert.Equal(11, batch.Count);
        Assert.Equal("49.example", source.Ingress("web")!.Rules[0].Host);
        Assert.Null(batch.Single(change => change.Key.Name.Name == "web-3").Resource);
    }

    [Fact]
    public async Task A_single_change_waits_no_longer_than_a_few_milliseconds()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        var began = clock.GetUtcNow();
        api.Apply(Yaml.Service("web"));
        await source.UntilAsync(() => source.StatusOf("Service").Events == 1, TimeSpan.Zero);
        await source.UntilAsync(() => source.Objects.Count == 1, TimeSpan.FromMilliseconds(0.2));

        Assert.InRange(clock.GetUtcNow() - began, TimeSpan.Zero, TimeSpan.FromMilliseconds(5));
    }
}
