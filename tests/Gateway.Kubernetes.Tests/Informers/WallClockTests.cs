using Gateway.Kubernetes.Informers;
using Gateway.Kubernetes.Tests.Harness;
using Gateway.Kubernetes.Tests.Simulated;
using Gateway.Testing.ApiServer;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>A wall clock that is set, forwards or backwards, while everything runs: no time has passed.</summary>
public sealed class WallClockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(365)]
    [InlineData(-365)]
    public async Task A_jump_of_the_wall_clock_is_no_passing_of_time(int days)
    {
        var clock = new SimulatedTime();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock, BookmarkInterval = RunningSource.Bookmarks });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.Service("web"));
        await using var source = await RunningSource.StartSyncedAsync(cluster, new KubernetesSourceOptions { ResyncPeriod = TimeSpan.FromMinutes(4) }, clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        clock.WallClockError = TimeSpan.FromDays(days);

        // What is known is as old as before, watches stay open and are followed, and nothing is listed.
        Assert.InRange(source.Source.Status.Age, TimeSpan.Zero, RunningSource.Bookmarks);
        api.Apply(Yaml.Service("next"));
        await source.UntilAsync(() => source.Objects.Count == 2);
        await source.PassInContactAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(1));
        Assert.All(source.Source.Status.Kinds, kind => Assert.Equal((1, 1, 0), (kind.Lists, kind.Watches, kind.Errors)));

        // The next comparison comes when it was due.
        await source.PassInContactAsync(TimeSpan.FromMinutes(1.5), TimeSpan.FromSeconds(1));
        await source.UntilAsync(() => source.Source.Status.Kinds.All(kind => kind.Lists == 2), TimeSpan.FromMilliseconds(10));
    }
}
