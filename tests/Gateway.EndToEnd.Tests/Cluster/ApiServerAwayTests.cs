using System.Net;
using Gateway.EndToEnd.Tests.Harness;
using Gateway.Testing.ApiServer;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>The API server cannot be reached: what was known is served on, and nothing that was not.</summary>
public sealed class ApiServerAwayTests
{
    private const string Age = "gateway_config_age_seconds";

    [Fact]
    public async Task Traffic_flows_while_it_is_away_and_what_changed_meanwhile_is_followed_after()
    {
        await using var cluster = await OwnCluster.StartAsync(
            new ApiServerOptions { AllowLoopbackEndpoints = true, BookmarkInterval = TimeSpan.FromMilliseconds(200) });
        var gateway = cluster.Gateway;
        await cluster.AddBackendAsync("moving", EchoBackend.StartAsync("before"));
        cluster.Api.Apply(
            ClusterYaml.Ingress("kept", "kept.test", "web") + ClusterYaml.Ingress("gone", "gone.test", "web") + ClusterYaml.Ingress("moving", "moving.test", "moving"));
        await cluster.BecomesAsync("http://kept.test/", answer => answer.From == "web");
        await cluster.BecomesAsync("http://gone.test/", answer => answer.From == "web");
        await cluster.BecomesAsync("http://moving.test/", answer => answer.From == "before");
        await using var load = ConstantLoad.Start(gateway, "http://kept.test/");
        await Eventually.IsAsync(() => gateway.ReadMetricAsync(Age), age => age < 1);

        await cluster.Api.StopListeningAsync();
        cluster.Api.Delete("Ingress", "default", "gone");
        var authority = new TestAuthority();
        cluster.Api.Apply(
            TlsYaml.Secret("new-tls", authority.Issue("new.test"))
            + ClusterYaml.Ingress("new", "new.test", "web", spec: """tls: [{hosts: ["new.test"], secretName: new-tls}]"""));
        await cluster.AddBackendAsync("moving", EchoBackend.StartAsync("after"));
        await Eventually.IsAsync(() => gateway.ReadMetricAsync(Age), age => age > 3);

        Assert.True(await gateway.IsReadyAsync());
        Assert.Equal("web", (await cluster.GetAsync("http://gone.test/")).From);
        Assert.Equal("before", (await cluster.GetAsync("http://moving.test/")).From);
        await load.GoesOnAsync();
        Assert.InRange((await gateway.ReadAsync("/api/status")).GetProperty("source").GetProperty("ageSeconds").GetDouble(), 3, 60);

        await cluster.Api.ListenAsync();
        await Eventually.IsAsync(() => TlsClient.NameAsync(gateway.HttpsPort, "new.test"), name => name == "new.test");
        await cluster.BecomesAsync("https://new.test/", answer => answer.From == "web");
        await cluster.BecomesAsync("http://moving.test/", answer => answer.From == "after");
        await cluster.BecomesAsync("http://gone.test/", answer => answer.Status == HttpStatusCode.NotFound);
        await Eventually.IsAsync(() => gateway.ReadMetricAsync(Age), age => age < 1);
        await load.EndAsync();
        await using var fresh = await cluster.RunGatewayAsync();
        await Replicas.AgreeAsync(gateway, fresh);
        Assert.Contains("cannot be reached", gateway.Log, StringComparison.Ordinal);
        Assert.Contains("answers again", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_starts_while_it_is_away_opens_no_port_until_it_is_back()
    {
        await using var cluster = new ApiServerFixture();
        await cluster.InitializeAsync();
        cluster.Api.Apply(ClusterYaml.Ingress("late", "late.test", "web"));
        await cluster.Api.StopListeningAsync();
        using var ports = new ChosenPorts();

        await using var gateway = GatewayProcess.Launch(["run", "--kubeconfig", cluster.Kubeconfig, "--allow-local-addresses", .. ports.Options]);
        await Eventually.HoldsAsync(() => gateway.Log.Contains("Waiting for the cluster at", StringComparison.Ordinal));

        using var client = new HttpClient();
        using var ready = await client.GetAsync($"http://127.0.0.1:{ports.Admin}/readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"http://127.0.0.1:{ports.Http}/", TestContext.Current.CancellationToken));

        await cluster.Api.ListenAsync();
        await gateway.StartedAsync();
        using var first = GatewayHttp.Client(gateway);
        Assert.Equal("web", (await first.AskAsync("http://late.test/")).From);
    }
}
