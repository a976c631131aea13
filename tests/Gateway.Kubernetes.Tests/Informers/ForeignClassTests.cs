using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Kubernetes.Informers;
using Gateway.Kubernetes.Tests.Harness;
using Gateway.Testing.ApiServer;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>Ingresses of other controllers, which are not held, and what must not be missed for that.</summary>
public sealed class ForeignClassTests
{
    private const string Ours = "gateway.yarp/ingress-controller";
    private const string Theirs = "example.com/other";
    private const string ListedAnew = "Information: ingresses.networking.k8s.io: listing everything anew: the IngressClass other is no longer another controller's";

    private static readonly ObjectName Web = new("demo", "web");

    [Fact]
    public async Task Nothing_is_held_of_Ingresses_that_cannot_be_ours_and_their_Secrets_are_not_read()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(
            Yaml.Class("nginx", Ours), Yaml.Class("other", Theirs), Yaml.Secret("opaque", type: "Opaque"), Yaml.Secret("tls"), Yaml.Ingress("ours"),
            Yaml.Ingress("theirs", className: "other", secret: "opaque"), Yaml.Ingress("encrypted", className: "other", secret: "tls"),
            Yaml.Ingress("none").Replace("ingressClassName: nginx", "", StringComparison.Ordinal),
            Yaml.Ingress("annotated").Replace("ingressClassName: nginx", "", StringComparison.Ordinal)
                .Replace("namespace: demo", "namespace: demo, annotations: {kubernetes.io/ingress.class: other}", StringComparison.Ordinal)));
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        api.Apply(Yaml.Ingress("theirs", className: "other", host: "b.example", secret: "opaque"));
        api.Delete("Ingress", "demo", "none");
        await source.UntilAsync(() => source.StatusOf("Ingress").Events == 2);

        Assert.Equal(1, source.StatusOf("Ingress").Objects);
        Assert.Equal(["Ingress demo/ours", "IngressClass nginx", "IngressClass other"], source.Objects.Keys.Select(key => key.ToString()).Order(StringComparer.Ordinal));
        Assert.All(source.Updates.SelectMany(update => update.Changes), change => Assert.NotNull(change.Resource));
        Assert.DoesNotContain(api.Calls, call => call is { Verb: "get", Resource: "secrets" });
        Assert.All((string[])["theirs", "encrypted", "none", "annotated"], name => Assert.Null(source.Statuses.Uid(new ObjectName("demo", name))));
        Assert.NotNull(source.Statuses.Uid(new ObjectName("demo", "ours")));
    }

    [Fact]
    public async Task Classes_are_known_before_Ingresses_are_listed()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Class("other", Theirs), Yaml.Ingress("web", className: "other")));
        var release = new TaskCompletionSource();
        api.Faults.Before = call => call.Resource == "ingressclasses" ? release.Task : Task.CompletedTask;
        await using var source = RunningSource.Start(cluster);

        await source.UntilAsync(() => source.StatusOf("Service").Synced && source.StatusOf("EndpointSlice").Synced);
        Assert.DoesNotContain(api.Calls, call => call.Resource == "ingresses");
        release.SetResult();
        await source.UntilAsync(() => source.IsSynced);

        Assert.Equal(0, source.StatusOf("Ingress").Objects);
    }

    [Fact]
    public async Task A_class_that_is_made_anew_as_ours_brings_its_Ingresses()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Class("other", Theirs), Yaml.Ingress("web", className: "other", secret: "tls"), Yaml.Secret("tls")));
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        api.Delete("IngressClass", null, "other");
        api.Apply(Yaml.Class("other", Ours));

        await source.UntilAsync(() => source.Ingress("web") is not null && source.Secret("tls") is not null);
        Assert.Contains(source.Logs.Entries, entry => entry.StartsWith(ListedAnew, StringComparison.Ordinal));
        Assert.Equal((0, 0, 0), (source.StatusOf("Ingress").Repairs, source.StatusOf("Ingress").Restarts, source.StatusOf("Ingress").Errors));
    }

    [Fact]
    public async Task A_class_that_is_made_anew_as_another_controllers_takes_its_Ingresses_away()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock, BookmarkInterval = RunningSource.Bookmarks });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Class("other", Ours), Yaml.Ingress("web", className: "other", secret: "tls"), Yaml.Secret("tls")));
        await using var source = await RunningSource.StartSyncedAsync(cluster, new KubernetesSourceOptions { ResyncPeriod = TimeSpan.FromMinutes(2) }, clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        api.Delete("IngressClass", null, "other");
        api.Apply(Yaml.Class("other", Theirs));

        await source.UntilAsync(() => source.Ingress("web") is null && source.Secret("tls") is null);
        Assert.Equal(0, source.StatusOf("Ingress").Objects);
        await source.UntilAsync(() => source.StatusOf("Ingress").Lists == 2, TimeSpan.FromSeconds(1));
        Assert.Equal(0, source.StatusOf("Ingress").Repairs);
    }

    [Fact]
    public async Task A_class_of_ours_that_is_deleted_leaves_its_Ingresses_held_and_needs_no_list_when_it_comes_back()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Class("nginx", Ours), Yaml.Ingress("web")));
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        api.Delete("IngressClass", null, "nginx");
        await source.UntilAsync(() => source.StatusOf("IngressClass").Objects == 0);
        api.Apply(Yaml.Ingress("web", host: "b.example"));
        await source.UntilAsync(() => source.Ingress("web")?.Rules[0].Host == "b.example");
        api.Apply(Yaml.Class("nginx", Ours));
        await source.UntilAsync(() => source.StatusOf("IngressClass").Objects == 1);

        Assert.Equal(1, source.StatusOf("Ingress").Lists);
        Assert.DoesNotContain(source.Updates.SelectMany(update => update.Changes), change => change.Key.Kind == ResourceKind.Ingress && change.Resource is null);
    }

    [Theory]
    [InlineData(Ours, 1)]
    [InlineData(Theirs, 0)]
    public async Task An_Ingress_is_held_until_its_class_is_known(string controller, int held)
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.Ingress("web", className: "late"));
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);
        Assert.NotNull(source.Ingress("web"));

        api.Apply(Yaml.Class("late", controller));
        await source.UntilAsync(() => source.Objects.Values.OfType<IngressClassResource>().Any() && source.Objects.Count == held + 1);

        Assert.Equal(held, source.StatusOf("Ingress").Objects);
        Assert.Equal(held == 1, source.Statuses.Uid(Web) is not null);
        Assert.Equal(1, source.StatusOf("Ingress").Lists);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_Ingress_that_changes_to_another_controllers_class_is_withdrawn_and_followed_only_if_it_was_served(bool wasServed)
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Class("nginx", Ours), Yaml.Class("other", Theirs), Yaml.Ingress("web", secret: "tls"), Yaml.Secret("tls")));
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);
        var empty = new ConfigurationDelta { Settings = GatewaySettings.Default };
        if (wasServed)
        {
            source.Statuses.Apply(empty with { Ingresses = [new ServedIngress(Web, "nginx", Ours)] });
            source.Statuses.Apply(empty with { RemovedIngresses = [Web] });
        }

        api.Apply(Yaml.Ingress("web", className: "other", secret: "tls"));
        await source.UntilAsync(() => source.Ingress("web") is null && source.Secret("tls") is null);
        var version = source.Statuses.Find(Web).Status?.ResourceVersion;
        Assert.Equal(wasServed, version is not null);

        api.Apply(Yaml.Ingress("web", className: "other", host: "b.example"));
        await source.UntilAsync(() => source.StatusOf("Ingress").Events == 2);
        await source.UntilAsync(() => !wasServed || source.Statuses.Find(Web).Status!.ResourceVersion != version);
        Assert.Equal(wasServed, source.Statuses.Find(Web).Status is not null);

        api.Delete("Ingress", "demo", "web");
        await source.UntilAsync(() => source.StatusOf("Ingress").Events == 3);
        await source.UntilAsync(() => source.Statuses.Find(Web).Status is null && source.StatusOf("Ingress").Objects == 0);
    }

    [Fact]
    public async Task A_demand_for_a_new_list_is_met_after_a_pause()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Class("other", Theirs), Yaml.Ingress("web", className: "other")));
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);
        api.Faults.GarbageEvent("""{"type":"ERROR","object":{"kind":"Status","code":500,"message":"a failure"} }""", "ingresses");
        await source.UntilAsync(() => source.StatusOf("Ingress").Errors == 1, TimeSpan.Zero);

        api.Delete("IngressClass", null, "other");
        await source.UntilAsync(() => source.Logs.Entries.Any(entry => entry.StartsWith(ListedAnew, StringComparison.Ordinal)), TimeSpan.Zero);
        Assert.Equal(1, source.StatusOf("Ingress").Lists);

        await source.UntilAsync(() => source.Ingress("web") is not null);
    }

    [Fact]
    public async Task A_demand_for_a_new_list_is_met_after_a_list_that_fails()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Class("other", Theirs), Yaml.Ingress("web", className: "other")));
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);
        api.Faults.FailPage(1, 500, "ingresses");

        api.Delete("IngressClass", null, "other");

        await source.UntilAsync(() => source.Ingress("web") is not null);
        Assert.Equal(1, source.StatusOf("Ingress").Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_demand_for_a_new_list_that_comes_during_a_list_is_met_and_nothing_of_it_is_a_repair(bool duringResync)
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock, BookmarkInterval = RunningSource.Bookmarks });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Class("first", Theirs), Yaml.Class("other", Theirs)));
        // The first and the last of two pages.
        for (var i = 0; i < 501; i++)
            api.Apply(Yaml.Ingress($"web-{i:000}", className: "other"));
        await using var source = await RunningSource.StartSyncedAsync(
            cluster, new KubernetesSourceOptions { ResyncPeriod = duringResync ? TimeSpan.FromMinutes(2) : TimeSpan.Zero }, clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);
        Assert.Equal(0, source.StatusOf("Ingress").Objects);
        var once = 0;
        api.Faults.Before = async call =>
        {
            if (call is { Verb: "list", Resource: "ingresses" } && call.Query.Contains("continue=", StringComparison.Ordinal) && Interlocked.Exchange(ref once, 1) == 0)
            {
                api.Delete("IngressClass", null, "other");
                await Wait.UntilAsync(() => source.Logs.Entries.Any(entry => entry.StartsWith(ListedAnew, StringComparison.Ordinal)));
            }
        };

        if (!duringResync)
            api.Delete("IngressClass", null, "first");

        await source.UntilAsync(() => source.StatusOf("Ingress").Objects == 501, duringResync ? TimeSpan.FromSeconds(1) : null);
        await source.UntilAsync(() => source.Ingress("web-000") is not null && source.Ingress("web-500") is not null);
        // The last of its objects is there before a list is at its end.
        await source.UntilAsync(() => source.StatusOf("Ingress").Lists == 3);
        Assert.Equal(0, source.StatusOf("Ingress").Repairs);
    }
}
