using Gateway.Kubernetes.Informers;
using Gateway.Kubernetes.Tests.Harness;
using Gateway.Testing.ApiServer;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>The slow comparison of what is held with what there is.</summary>
public sealed class ResyncTests
{
    private static readonly KubernetesSourceOptions EveryTwoMinutes = new() { ResyncPeriod = TimeSpan.FromMinutes(2) };

    [Fact]
    public async Task What_a_watch_did_not_tell_is_repaired_and_counted()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock, BookmarkInterval = RunningSource.Bookmarks });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Service("lost"), Yaml.Service("stale"), Yaml.Service("sound")));
        await using var source = await RunningSource.StartSyncedAsync(cluster, EveryTwoMinutes, clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        // Events that nothing in the store stands behind have the effect of events that were lost.
        foreach (var (type, name) in ((string, string)[])[("DELETED", "lost"), ("MODIFIED", "stale"), ("ADDED", "ghost")])
        {
            var metadata = $$"""{"name":"{{name}}","namespace":"demo","resourceVersion":"{{api.ResourceVersion}}"}""";
            api.Faults.GarbageEvent($$"""{"type":"{{type}}","object":{"metadata":{{metadata}},"spec":{} } }""", "services");
        }
        await source.UntilAsync(() => source.StatusOf("Service").Events == 3);
        await source.PassInContactAsync(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(1));
        Assert.Equal(1, source.StatusOf("Service").Lists);

        await source.UntilAsync(() => source.StatusOf("Service").Repairs == 3, TimeSpan.FromSeconds(1));
        await source.AssertSameAsAFreshListAsync(cluster);
        Assert.Equal(3, source.Logs.Entries.Count(entry => entry.StartsWith("Warning: services: demo/", StringComparison.Ordinal) && entry.Contains("is repaired", StringComparison.Ordinal)));
        Assert.Equal(0, source.StatusOf("Service").Restarts);
    }

    [Fact]
    public async Task What_changes_meanwhile_is_no_repair()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster, EveryTwoMinutes, clock);
        var i = 0;
        api.Faults.Before = call =>
        {
            if (call is { Verb: "list", Resource: "services" })
                api.Apply(Yaml.Service($"web-{i++}"));
            return Task.CompletedTask;
        };

        await source.UntilAsync(() => source.StatusOf("Service").Lists == 3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

        await source.UntilAsync(() => source.Objects.Count == i);
        Assert.Equal(0, source.StatusOf("Service").Repairs);
    }

    [Fact]
    public async Task A_version_that_the_server_has_forgotten_is_listed_anew_without_counting()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster, EveryTwoMinutes, clock);
        api.Faults.Before = call =>
        {
            if (call.Query.Contains("resourceVersionMatch=Exact", StringComparison.Ordinal) && call.Resource == "services")
            {
                api.Apply(Yaml.Service("new"));
                api.Faults.Fail(410, 1, "services");
            }
            return Task.CompletedTask;
        };

        await source.UntilAsync(() => source.Objects.Count == 1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        await source.UntilAsync(() => source.StatusOf("Service").Lists >= 2);
        Assert.Equal(0, source.StatusOf("Service").Repairs);
    }

    [Fact]
    public void Replicas_that_began_together_do_not_compare_together()
    {
        var period = TimeSpan.FromMinutes(30);
        var pauses = Enumerable.Range(0, 20).Select(_ =>
        {
            var clock = new ResyncClock(period, new FakeTimeProvider());
            clock.Restart();
            return clock.Until(TimeSpan.MaxValue);
        }).ToList();

        Assert.True(pauses.Max() - pauses.Min() > TimeSpan.FromMinutes(1));
        Assert.All(pauses, pause => Assert.InRange(pause, 0.9 * period, 1.1 * period));
    }

    [Fact]
    public async Task Without_a_period_nothing_is_compared()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock, BookmarkInterval = RunningSource.Bookmarks });
        await using var source = await RunningSource.StartSyncedAsync(cluster, new KubernetesSourceOptions { ResyncPeriod = TimeSpan.Zero }, clock);

        await source.PassInContactAsync(TimeSpan.FromHours(1), TimeSpan.FromSeconds(5));
        Assert.All(source.Source.Status.Kinds, kind => Assert.Equal(1, kind.Lists));
        Assert.All(source.Source.Status.Kinds, kind => Assert.True(kind.Watches >= 6));
    }
}
