using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>Options that only show in what the gateway asks of the cluster and writes to it, and the metrics that tell of that.</summary>
public sealed class OptionsTests
{
    [Fact]
    public async Task What_a_watch_did_not_tell_is_repaired_after_the_resync_period_and_shows_in_the_metrics()
    {
        await using var cluster = await OwnCluster.StartAsync("--resync-period", "2s");
        cluster.Api.Apply(ClusterYaml.Ingress("one", "one.test", "web") + ClusterYaml.Ingress("two", "two.test", "web"));
        await cluster.BecomesAsync("http://two.test/", answer => answer.From == "web");
        await MetricAsync(cluster, "gateway_watch_objects{kind=\"Ingress\"}", 2);
        await MetricAsync(cluster, "gateway_watch_repairs_total{kind=\"Service\"}", 0);
        await MetricAsync(cluster, "gateway_diagnostics{severity=\"error\"}", 0);
        await MetricAsync(cluster, "gateway_events_dropped_total", 0);
        Assert.Equal(await Replicas.GenerationAsync(cluster.Gateway), await cluster.Gateway.ReadMetricAsync("gateway_config_generation"));
        Assert.InRange(await cluster.Gateway.ReadMetricAsync("gateway_config_generation"), 2, 1_000);

        // An event that nothing in the store stands behind has the effect of one that was lost.
        cluster.Api.Faults.GarbageEvent($$"""{"type":"ADDED","object":{"metadata":{"name":"ghost","namespace":"default","resourceVersion":"{{cluster.Api.ResourceVersion}}"},"spec":{} } }""", "services");
        await MetricAsync(cluster, "gateway_watch_repairs_total{kind=\"Service\"}", 1);

        cluster.Api.Faults.Forbid("events");
        cluster.Api.Apply(ClusterYaml.Ingress("wrong", "wrong.test", "nobody"));
        await MetricAsync(cluster, "gateway_diagnostics{severity=\"error\"}", 1);
        await Eventually.IsAsync(() => cluster.Gateway.ReadMetricAsync("gateway_events_dropped_total"), dropped => dropped > 0);
    }

    [Fact]
    public async Task Secrets_are_read_in_the_namespaces_of_the_option_alone()
    {
        var authority = new TestAuthority();
        await using var cluster = await OwnCluster.StartAsync("--secret-namespaces", "default,pay");
        cluster.Api.Apply(
            TlsYaml.Secret("tls", authority.Issue("one.test")).Replace("metadata:\n", "metadata:\n  namespace: default\n", StringComparison.Ordinal)
            + ClusterYaml.Ingress("one", "one.test", "web", spec: """tls: [{hosts: ["one.test"], secretName: tls}]"""));
        await Eventually.IsAsync(() => TlsClient.NameAsync(cluster.Gateway.HttpsPort, "one.test"), name => name == "one.test");

        Assert.Equal(["default", "pay"], cluster.Api.Calls.Where(call => call.Resource == "secrets").Select(call => call.Namespace).Distinct().Order());
    }

    [Fact]
    public async Task The_internal_addresses_of_nodes_are_published_and_stay_on_shutdown_when_the_options_say_so()
    {
        await using var cluster = new ApiServerFixture();
        await cluster.InitializeAsync();
        cluster.Api.Apply(ClusterYaml.GatewayPod("gateway-a", "node-1") + """
            apiVersion: v1
            kind: Node
            metadata: {name: node-1}
            status: {addresses: [{type: ExternalIP, address: 203.0.113.9}, {type: InternalIP, address: 10.0.0.1}]}
            """);
        cluster.Api.Apply(ClusterYaml.Ingress("one", "one.test", "web"));
        await using var gateway = await cluster.RunGatewayAsync("gateway-a", "--report-node-internal-ip-address", "--update-status-on-shutdown=false");
        await Eventually.IsAsync(() => Task.FromResult(Address()), address => address == "10.0.0.1");

        gateway.Terminate();

        Assert.Equal(0, await gateway.ExitedAsync());
        Assert.Equal("10.0.0.1", Address());

        string? Address() => cluster.Api.Get("Ingress", "default", "one")!.Address();
    }

    private static Task<double> MetricAsync(ClusterFixture cluster, string name, double value) =>
        Eventually.IsAsync(() => cluster.Gateway.ReadMetricAsync(name), read => read == value);
}
