using System.Diagnostics;
using Gateway.Configuration.Diagnostics;
using Gateway.Kubernetes.Tests.Harness;
using Gateway.Testing.ApiServer;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>What can go wrong once everything is listed: nothing may be lost, and nothing may be withdrawn.</summary>
public sealed class WatchFaultTests
{
    [Fact]
    public async Task Watches_that_are_cut_again_and_again_lose_nothing()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        Assert.Equal(6, source.Source.Status.Kinds.Count);

        // As many as one a second for a minute, as fast as watches come back.
        const int Cuts = 60;
        var (cuts, round) = (0, 0);
        while (cuts < Cuts)
        {
            // An event of each kind, without which a watch that breaks at once is opened ever more slowly.
            Churn(round++);
            await Task.Delay(2, TestContext.Current.CancellationToken);
            if (api.Faults.OpenWatches < 6)
                continue;
            api.Faults.CutWatches();
            cuts++;
        }
        Churn(round);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        await source.AssertSameAsAFreshListAsync(cluster);
        Assert.All(source.Source.Status.Kinds, kind => Assert.Equal((1, 0, Cuts), (kind.Lists, kind.Restarts, kind.Errors)));

        void Churn(int i)
        {
            // Most objects come once and go once, so that nothing makes up for an event that was lost.
            api.Apply(Yaml.All(
                Yaml.Service($"web-{i}"), Yaml.Slice($"slice-{i % 20}", "web", $"10.0.{i / 250 % 250}.{i % 250}"),
                Yaml.Ingress($"web-{i % 9}", host: $"{i}.example", secret: i % 2 == 0 ? "used" : null), Yaml.Class($"class-{i % 5}", isDefault: i % 2 == 0),
                Yaml.Secret("used", $"certificate {i}"), Yaml.Secret("opaque", $"{i}", "Opaque")));
            if (i % 3 == 0)
                api.Delete("Service", "demo", $"web-{i - 9}");
        }
    }

    [Fact]
    public async Task A_watch_that_cannot_be_resumed_is_replaced_by_a_list_that_also_tells_what_is_gone()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Service("stays"), Yaml.Service("goes"), Yaml.Service("changes")));
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        await api.StopListeningAsync();
        api.Delete("Service", "demo", "goes");
        api.Apply(Yaml.All(Yaml.Service("comes"), Yaml.Service("changes").Replace("8080", "9090", StringComparison.Ordinal)));
        api.Compact();
        await api.ListenAsync();

        await source.AssertSameAsAFreshListAsync(cluster);
        await source.UntilAsync(() => source.StatusOf("Service").Restarts == 1);
        // What did not change is not handed over anew.
        Assert.DoesNotContain("stays", source.Updates.Skip(1).SelectMany(update => update.Changes).Select(change => change.Key.Name.Name));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_refuses_every_watch_as_gone_is_listed_less_and_less_often(bool inStream)
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        (api.Faults.GoneInStream, api.Faults.GoneOnWatch) = (inStream, !inStream);
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);

        api.Apply(Yaml.Service("late"));
        await source.UntilAsync(() => source.Objects.Count == 1, TimeSpan.FromMilliseconds(20));
        var lists = api.Calls.Count(call => call is { Verb: "list", Resource: "services" });
        await source.PassAsync(TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(250));
        Assert.InRange(api.Calls.Count(call => call is { Verb: "list", Resource: "services" }) - lists, 3, 20);

        (api.Faults.GoneInStream, api.Faults.GoneOnWatch) = (false, false);
        api.Delete("Service", "demo", "late");
        await source.UntilAsync(() => source.Objects.Count == 0, TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task A_watch_that_the_server_ends_as_gone_is_no_healthy_one_however_long_that_took()
    {
        const string Gone = """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410} }""";
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);

        var paused = TimeSpan.Zero;
        for (var restarts = 1; restarts <= 7; restarts++)
        {
            await source.UntilAsync(() => api.Faults.OpenedWatches == 5 + restarts);
            clock.Advance(TimeSpan.FromSeconds(1));
            api.Faults.GarbageEvent(Gone, "services");
            await source.UntilAsync(() => source.StatusOf("Service").Restarts == restarts);
            var began = clock.GetUtcNow();
            await source.UntilAsync(() => source.StatusOf("Service").Lists == restarts + 1, TimeSpan.FromMilliseconds(100));
            paused = clock.GetUtcNow() - began;
        }

        Assert.True(paused > TimeSpan.FromSeconds(2), $"{paused}");
    }

    [Theory]
    [InlineData("""{"type":"MOVED","object":{}}""", "MOVED")]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{""", "")]
    [InlineData("not even JSON", "")]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{}}}""", "no name")]
    [InlineData("""{"type":"MODIFIED"}""", "no type or no object")]
    [InlineData("[]", "no object")]
    public async Task An_event_that_makes_no_sense_is_told_of_and_everything_is_listed_anew(string text, string told)
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.Service("web"));
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        api.Faults.GarbageEvent(text, "services");

        await source.UntilAsync(() => source.StatusOf("Service") is { Restarts: 1, Lists: 2 });
        Assert.Contains(source.Logs.Entries, entry => entry.StartsWith("Warning: services: what the API server sent cannot be read", StringComparison.Ordinal) && entry.Contains(told, StringComparison.Ordinal));
        api.Apply(Yaml.Service("next"));
        await source.UntilAsync(() => source.Objects.Count == 2);
        Assert.Equal(0, source.StatusOf("Ingress").Restarts);
    }

    [Fact]
    public async Task An_object_that_is_not_what_the_API_says_stays_as_it_was_and_is_named()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.Ingress("web"));
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);
        var before = source.Ingress("web");

        api.Faults.GarbageEvent("""{"type":"MODIFIED","object":{"metadata":{"name":"web","namespace":"demo","resourceVersion":"7"},"spec":{"rules":"none"}}}""", "ingresses");

        await source.UntilAsync(() => source.Diagnostics.Count == 1);
        var diagnostic = source.Diagnostics[0];
        Assert.Equal((DiagnosticSeverity.Error, "Ingress demo/web", "spec.rules"), (diagnostic.Severity, diagnostic.Subject.ToString(), diagnostic.Field));
        Assert.Equal(before, source.Ingress("web"));
        Assert.Equal(0, source.StatusOf("Ingress").Restarts);

        api.Apply(Yaml.Ingress("web", host: "b.example"));
        await source.UntilAsync(() => source.Diagnostics.Count == 0 && source.Ingress("web")!.Rules[0].Host == "b.example");
    }

    [Fact]
    public async Task The_state_outlives_an_API_server_that_is_away_for_a_minute()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Ingress("web"), Yaml.Service("web"), Yaml.Slice("web-1", "web", "10.0.0.1")));
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);
        var updates = source.Updates.Count;

        await api.StopListeningAsync();
        await source.PassAsync(TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(100));
        Assert.Equal(3, source.Objects.Count);
        Assert.Equal(updates, source.Updates.Count);
        Assert.InRange(source.Source.Status.Age, TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(62));
        await source.UntilAsync(() => source.Logs.Entries.Count == 1);
        Assert.Contains("cannot be reached", source.Logs.Entries.Single(), StringComparison.Ordinal);

        api.Delete("Ingress", "demo", "web");
        api.Apply(Yaml.All(Yaml.Slice("web-1", "web", "10.0.0.2"), Yaml.Ingress("new", secret: "new"), Yaml.Secret("new")));
        await api.ListenAsync();
        await source.UntilAsync(() => source.Ingress("web") is null && api.Faults.OpenWatches == 6, TimeSpan.FromMilliseconds(500));
        await source.AssertSameAsAFreshListAsync(cluster);
        Assert.All(source.Source.Status.Kinds, kind => Assert.Equal(0, kind.Restarts));
        await source.UntilAsync(() => source.Logs.Entries.Count == 2);
        Assert.Contains("answers again", source.Logs.Entries.Last(), StringComparison.Ordinal);
        await source.UntilAsync(() => source.Source.Status.Age < TimeSpan.FromSeconds(40), TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task Refusals_do_not_make_the_state_look_fresh()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        api.Faults.Fail(500, 10_000);
        api.Faults.EndWatches();
        await source.PassAsync(TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(100));

        Assert.All(source.Source.Status.Kinds, kind => Assert.InRange(kind.Age, TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(62)));
        Assert.DoesNotContain(source.Logs.Entries, entry => entry.Contains("cannot be reached", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(504)]
    public async Task A_server_that_refuses_every_watch_is_listed_instead_less_and_less_often_and_told_of_once(int code)
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        api.Faults.Before = call =>
        {
            if (call is { Verb: "watch", Resource: "services" })
                api.Faults.Fail(code, 1, "services");
            return Task.CompletedTask;
        };
        clock.Advance(TimeSpan.FromSeconds(1));
        api.Faults.EndWatches();
        await source.UntilAsync(() => source.StatusOf("Service").Errors == 1);
        api.Apply(Yaml.Service("late"));
        await source.UntilAsync(() => source.Objects.Count == 1, TimeSpan.FromMilliseconds(20));
        Assert.InRange(source.StatusOf("Service").Errors, 2, 3);
        await source.PassAsync(TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(250));
        Assert.InRange(source.StatusOf("Service").Lists, 4, 15);
        Assert.Single(source.Logs.Entries, entry => entry.StartsWith("Warning: services", StringComparison.Ordinal));

        api.Faults.Before = null;
        api.Delete("Service", "demo", "late");
        await source.UntilAsync(() => source.Objects.Count == 0, TimeSpan.FromMilliseconds(100));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(429)]
    public async Task A_watch_that_is_refused_for_its_sender_or_for_the_load_is_resumed_without_a_list(int code)
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        api.Faults.Fail(code, 6, "services");
        api.Faults.EndWatches();
        await source.UntilAsync(() => source.StatusOf("Service").Watches == 2, TimeSpan.FromMilliseconds(100));

        Assert.InRange(source.StatusOf("Service").Errors, 3, 6);
        Assert.Equal((1, 0), (source.StatusOf("Service").Lists, source.StatusOf("Service").Restarts));
    }

    [Fact]
    public async Task An_API_server_that_is_not_there_at_the_start_is_waited_for()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.Ingress("web"));
        await api.StopListeningAsync();
        await using var source = RunningSource.Start(cluster, clock: clock);

        await source.PassAsync(TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100));
        Assert.False(source.IsSynced);
        Assert.Single(source.Logs.Entries);

        await api.ListenAsync();
        await source.UntilAsync(() => source.IsSynced, TimeSpan.FromMilliseconds(500));
        Assert.NotNull(source.Ingress("web"));
    }

    [Fact]
    public async Task A_watch_that_is_open_but_silent_is_given_up()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock, BookmarkInterval = RunningSource.Bookmarks });
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        // Bookmarks keep a quiet watch alive.
        await source.PassInContactAsync(TimeSpan.FromSeconds(200), TimeSpan.FromMilliseconds(500));
        Assert.Equal(1, source.StatusOf("Service").Watches);

        api.Faults.FreezeWatches = true;
        api.Apply(Yaml.Service("unseen"));
        await source.PassAsync(TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(500));
        Assert.Empty(source.Objects);
        await source.UntilAsync(() => source.Objects.Count == 1, TimeSpan.FromMilliseconds(500));
        Assert.Equal(1, source.StatusOf("Service").Restarts);
        api.Faults.FreezeWatches = false;
    }

    [Fact]
    public async Task A_watch_that_ends_in_its_time_is_resumed_without_a_list()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        for (var i = 1; i <= 5; i++)
        {
            await source.UntilAsync(() => api.Faults.OpenWatches == 6);
            api.Faults.EndWatches();
            api.Apply(Yaml.Service($"web-{i}"));
            await source.UntilAsync(() => source.Objects.Count == i);
        }
        Assert.Equal((1, 0), (source.StatusOf("Service").Lists, source.StatusOf("Service").Errors));
        Assert.All(api.Calls.Where(call => call.Verb == "watch"), call =>
            Assert.InRange(int.Parse(System.Web.HttpUtility.ParseQueryString(call.Query)["timeoutSeconds"]!, System.Globalization.CultureInfo.InvariantCulture), 300, 600));
    }

    [Fact]
    public async Task A_watch_on_which_nothing_happened_is_resumed_from_its_last_bookmark()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock, BookmarkInterval = RunningSource.Bookmarks });
        var api = cluster.RequireDouble();
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        api.Apply(Yaml.All([.. Enumerable.Range(0, 20).Select(i => Yaml.Ingress($"web-{i}"))]));
        var version = api.ResourceVersion;
        await source.PassInContactAsync(3 * RunningSource.Bookmarks, TimeSpan.FromMilliseconds(500));
        api.Faults.CutWatches();
        await source.UntilAsync(() => source.StatusOf("Service").Watches == 2);

        var resumed = api.Calls.Last(call => call is { Verb: "watch", Resource: "services" });
        Assert.Contains($"resourceVersion={version}", resumed.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_asks_for_time_is_given_it()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        api.Faults.TooManyRequests(7, 1, "services");
        await using var source = RunningSource.Start(cluster, clock: clock);

        await source.UntilAsync(() => source.StatusOf("Service").Errors == 1);
        var refused = clock.GetUtcNow();
        await source.UntilAsync(() => source.StatusOf("Service").Synced, TimeSpan.FromMilliseconds(50));
        Assert.InRange(clock.GetUtcNow() - refused, TimeSpan.FromSeconds(6.9), TimeSpan.FromSeconds(7.5));
    }

    [Fact]
    public async Task Server_errors_are_retried_ever_more_slowly_and_told_of_once()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.Service("web"));
        api.Faults.Fail(504, 8, "services");
        await using var source = RunningSource.Start(cluster, clock: clock);
        var began = clock.GetUtcNow();

        await source.UntilAsync(() => source.IsSynced, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(20));
        // 100 + 200 + … + 12,800 ms, less up to half of it.
        Assert.InRange(clock.GetUtcNow() - began, TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(28));
        Assert.Single(source.Logs.Entries, entry => entry.Contains("services", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_anything()
    {
        await using var cluster = await Cluster.StartAsync();
        var source = await RunningSource.StartSyncedAsync(cluster);
        var began = Stopwatch.GetTimestamp();

        await source.DisposeAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }
}
