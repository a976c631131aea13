using System.Text;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Informers;
using Gateway.Kubernetes.Tests.Harness;
using Gateway.Testing.ApiServer;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>Which Secrets are held, and how they come and go.</summary>
public sealed class SecretTests
{
    [Fact]
    public async Task Only_Secrets_that_an_Ingress_names_are_handed_over()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Yaml.All(
            Yaml.Namespace("demo"), Yaml.Namespace("other"),
            Yaml.Ingress("web", secret: "named"), Yaml.Secret("named"), Yaml.Secret("unnamed"), Yaml.Secret("named", ns: "other"), Yaml.Secret("opaque", type: "Opaque")));
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        Assert.Equal(["demo/named"], source.Objects.Keys.Where(key => key.Kind == ResourceKind.Secret).Select(key => key.Name.ToString()));
        Assert.Equal(["certificate", "key"], source.Secret("named")!.Data.Select(entry => Encoding.UTF8.GetString(entry.Value.Reveal())));
        Assert.Equal((3, 1), (source.StatusOf("Secret").Objects, source.StatusOf("OtherSecret").Objects));
    }

    [Fact]
    public async Task A_Secret_of_another_type_is_there_with_the_first_batch()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Yaml.All(Yaml.Namespace("demo"), Yaml.Ingress("web", secret: "opaque"), Yaml.Secret("opaque", type: "Opaque")));
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        Assert.Contains(source.Updates.First().Changes, change => change.Key.Kind == ResourceKind.Secret);
        Assert.Equal("Opaque", source.Secret("opaque")!.Type);
    }

    [Fact]
    public async Task Of_Secrets_that_are_no_certificates_nothing_but_metadata_is_asked_for()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.Secret("opaque", type: "Opaque"));
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        var calls = api.Calls.Where(call => call.Resource == "secrets" && call.Query.Contains("type%21%3D", StringComparison.Ordinal)).ToList();
        Assert.Equal(["list", "watch"], calls.Select(call => call.Verb));
        Assert.All(calls, call => Assert.Contains("as=PartialObjectMetadata", call.Accept, StringComparison.Ordinal));
        Assert.DoesNotContain(api.Calls, call => call.Verb == "get");
    }

    [Fact]
    public void What_was_read_of_a_Secret_before_it_changed_is_not_handed_on()
    {
        var name = new ObjectName("demo", "opaque");
        var table = new SecretTable(new UpdateQueue(TimeProvider.System));
        table.Need([name]);
        table.Others.Put(name, "1");
        var begun = table.Begin(name)!.Value;
        table.Others.Put(name, "2");

        Assert.False(table.TryHandOn(name, new SecretResource(name, "Opaque", []), begun));
    }

    [Theory]
    [InlineData("kubernetes.io/tls")]
    [InlineData("Opaque")]
    public async Task A_Secret_comes_when_an_Ingress_names_it_and_goes_with_it(string type)
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Yaml.All(Yaml.Namespace("demo"), Yaml.Secret("tls", type: type)));
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        await cluster.ApplyAsync(Yaml.All(Yaml.Ingress("a", secret: "tls"), Yaml.Ingress("b", secret: "tls")));
        await source.UntilAsync(() => source.Secret("tls") is not null);
        await cluster.DeleteAsync<V1Ingress>("demo", "a");
        await source.UntilAsync(() => source.Ingress("a") is null);
        Assert.NotNull(source.Secret("tls"));
        await cluster.DeleteAsync<V1Ingress>("demo", "b");
        await source.UntilAsync(() => source.Secret("tls") is null);
        await cluster.ApplyAsync(Yaml.Ingress("c", secret: "tls"));
        await source.UntilAsync(() => source.Secret("tls") is not null);
        await cluster.DeleteAsync<V1Secret>("demo", "tls");
        await source.UntilAsync(() => source.Secret("tls") is null);
    }

    [Theory]
    [InlineData("kubernetes.io/tls")]
    [InlineData("Opaque")]
    public async Task A_Secret_that_is_rotated_again_and_again_ends_in_its_last_state(string type)
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Ingress("web", secret: "tls"), Yaml.Secret("tls", type: type)));
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        for (var i = 1; i <= 100; i++)
        {
            api.Apply(Yaml.Secret("tls", $"certificate {i}", type));
            if (i % 10 == 0)
                await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        await source.UntilAsync(() => Encoding.UTF8.GetString(source.Secret("tls")!.Find("tls.crt")!.Value.Reveal()) == "certificate 100");
    }

    [Fact]
    public async Task A_Secret_made_before_or_after_its_Ingress_is_served_alike()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Yaml.All(Yaml.Namespace("demo"), Yaml.Ingress("web", secret: "late")));
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        await cluster.ApplyAsync(Yaml.Secret("late"));
        await source.UntilAsync(() => source.Secret("late") is not null);
    }

    [Fact]
    public async Task A_Secret_made_anew_with_another_type_is_followed()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Yaml.All(Yaml.Namespace("demo"), Yaml.Ingress("web", secret: "tls"), Yaml.Secret("tls")));
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        foreach (var type in (string[])["Opaque", "kubernetes.io/tls", "Opaque", "kubernetes.io/tls"])
        {
            await cluster.DeleteAsync<V1Secret>("demo", "tls");
            await cluster.ApplyAsync(Yaml.Secret("tls", type: type));
            await source.UntilAsync(() => source.Secret("tls")?.Type == type);
        }
    }

    [Fact]
    public async Task The_default_certificate_needs_no_Ingress()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Yaml.All(Yaml.Namespace("infra"), Yaml.Secret("fallback", ns: "infra")));
        await using var source = await RunningSource.StartSyncedAsync(cluster, new KubernetesSourceOptions { Translation = new() { DefaultSslCertificate = new ObjectName("infra", "fallback") } });

        Assert.NotNull(source.Secret("fallback", "infra"));
    }

    [Fact]
    public async Task Other_keys_of_a_Secret_and_releases_of_Helm_are_not_read()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(
            Yaml.Ingress("web", secret: "tls"), Yaml.Secret("tls").Replace("data: {", "data: {password: c2VjcmV0, ca.crt: Y2E=, ", StringComparison.Ordinal),
            Yaml.Secret("release", type: "helm.sh/release.v1")));
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        Assert.Equal(["ca.crt", "tls.crt", "tls.key"], source.Secret("tls")!.Data.Select(entry => entry.Key));
        Assert.Equal(0, source.StatusOf("OtherSecret").Objects);
    }

    [Fact]
    public async Task Forbidden_Secrets_cost_certificates_and_nothing_else()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        api.Faults.Forbid("secrets");
        api.Apply(Yaml.All(Yaml.Ingress("web", secret: "tls"), Yaml.Secret("tls")));
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);

        Assert.NotNull(source.Ingress("web"));
        Assert.True(source.Source.Status.Synced);
        var diagnostic = Assert.Single(source.Diagnostics);
        Assert.Matches(
            "^(admin|system:admin|system:anonymous|.+) may not list secrets in the whole cluster, so no certificate of a Secret can be served", diagnostic.Problem);
        Assert.Equal("Give it, by a ClusterRole, the verbs get, list and watch for the resource secrets of the API group \"\"", diagnostic.Remedy);
        var refusals = api.Calls.Count(call => call.Resource == "secrets");
        await source.PassAsync(TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(500));
        Assert.InRange(api.Calls.Count(call => call.Resource == "secrets") - refusals, 8, 30);

        api.Faults.Allow("secrets");
        await source.UntilAsync(() => source.Secret("tls") is not null && source.Diagnostics.Count == 0, TimeSpan.FromMilliseconds(500));
        await source.UntilAsync(() => source.StatusOf("OtherSecret").Synced);
    }

    [Fact]
    public async Task Rights_that_are_taken_away_later_cost_nothing_that_is_known()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Ingress("web", secret: "tls"), Yaml.Secret("tls")));
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);
        await source.UntilAsync(() => api.Faults.OpenWatches == 6);

        api.Faults.Forbid("secrets");
        api.Faults.CutWatches();
        await source.UntilAsync(() => source.Diagnostics.Any(diagnostic => diagnostic.Problem.Contains("may not watch secrets", StringComparison.Ordinal)), TimeSpan.FromMilliseconds(50));
        Assert.NotNull(source.Secret("tls"));

        api.Faults.Allow("secrets");
        await source.UntilAsync(() => source.Diagnostics.Count == 0 && !source.StatusOf("Secret").Forbidden, TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_refusal_or_two_of_a_server_that_has_just_started_is_not_believed()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Ingress("web", secret: "tls"), Yaml.Secret("tls")));
        api.Faults.Forbid("secrets");
        api.Faults.Before = call =>
        {
            if (api.Calls.Count(seen => seen.Resource == "secrets") > 2)
                api.Faults.Allow("secrets");
            return Task.CompletedTask;
        };
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        Assert.NotNull(source.Secret("tls"));
        Assert.DoesNotContain(source.Updates, update => update.Diagnostics.Count > 0);
    }

    [Fact]
    public async Task A_Secret_is_not_asked_for_again_before_the_server_wants_it()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Ingress("web", secret: "opaque"), Yaml.Secret("opaque", type: "Opaque")));
        DateTimeOffset? refused = null;
        api.Faults.Before = call =>
        {
            if (call is { Verb: "get", Resource: "secrets" } && refused is null)
            {
                refused = clock.GetUtcNow();
                api.Faults.TooManyRequests(30, 1, "secrets");
            }
            return Task.CompletedTask;
        };
        // The clock runs while it starts: it may be told of, and cured, before anybody looks.
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);

        await source.UntilAsync(() => source.Secret("opaque") is not null, TimeSpan.FromSeconds(1));

        Assert.InRange(clock.GetUtcNow() - refused!.Value, TimeSpan.FromSeconds(30), TimeSpan.MaxValue);
        Assert.Contains(source.Updates, update => update.Diagnostics.Any(diagnosed => diagnosed.Diagnostics.Count > 0));
    }

    [Fact]
    public async Task A_Secret_that_cannot_be_read_for_a_while_is_tried_until_it_can()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.All(Yaml.Ingress("web", secret: "opaque"), Yaml.Secret("opaque", type: "Opaque")));
        api.Faults.Before = call =>
        {
            if (call is { Verb: "get", Resource: "secrets" } && api.Calls.Count(seen => seen.Verb == "get") <= 3)
                api.Faults.Fail(500, 1, "secrets");
            return Task.CompletedTask;
        };
        await using var source = await RunningSource.StartSyncedAsync(cluster, clock: clock);

        await source.UntilAsync(() => source.Diagnostics.Count == 1 || source.Secret("opaque") is not null);
        Assert.Contains("the Secret cannot be read", source.Updates.SelectMany(update => update.Diagnostics).First().Diagnostics[0].Problem, StringComparison.Ordinal);
        await source.UntilAsync(() => source.Secret("opaque") is not null && source.Diagnostics.Count == 0);
    }
}
