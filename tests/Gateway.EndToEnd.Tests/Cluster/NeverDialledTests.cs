using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>Whoever may write an Ingress must not get at what only the gateway's own machine can reach.</summary>
public sealed class NeverDialledTests : IAsyncLifetime
{
    private readonly ApiServerFixture _cluster = new();
    private RawBackend _private = null!;

    public async ValueTask InitializeAsync()
    {
        await _cluster.InitializeAsync();
        _private = RawBackend.Always();
    }

    public async ValueTask DisposeAsync()
    {
        await _private.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Local_addresses_are_not_dialled_by_endpoints_nor_by_names_that_lead_there()
    {
        await using var gateway = GatewayProcess.LaunchInCluster(_cluster.Kubeconfig, null);
        _cluster.Api.Apply(
            ClusterYaml.Service("endpoint", _private.Port)
            + InDefault(Yaml.ExternalService("name", "localhost", _private.Port))
            + InDefault(Yaml.ExternalService("address", "127.0.0.1", _private.Port))
            + InDefault(Yaml.ExternalService("metadata", "169.254.169.254", 80)));
        foreach (var service in (string[])["endpoint", "name", "address", "metadata"])
            _cluster.Api.Apply(ClusterYaml.Ingress(service, $"{service}.test", service));
        await gateway.StartedAsync();
        using var client = GatewayHttp.Client(gateway);

        foreach (var service in (string[])["endpoint", "name", "address", "metadata"])
            Assert.InRange((int)(await client.AskAsync($"http://{service}.test/")).Status, 502, 503);

        Assert.Equal(0, _private.Connections);
        Assert.Contains("--allow-local-addresses", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ports_of_the_gateway_itself_are_not_dialled_even_where_local_addresses_are_allowed()
    {
        await using var gateway = await _cluster.RunGatewayAsync();
        using var client = GatewayHttp.Client(gateway);
        _cluster.Api.Apply(ClusterYaml.Service("allowed", _private.Port) + ClusterYaml.Ingress("allowed", "allowed.test", "allowed"));
        await Eventually.IsAsync(() => client.AskAsync("http://allowed.test/"), answer => answer.Status == HttpStatusCode.OK);
        foreach (var (name, port) in new[] { ("admin", gateway.AdminPort), ("loop", gateway.HttpPort) })
        {
            _cluster.Api.Apply(ClusterYaml.Service(name, port) + ClusterYaml.Ingress(name, $"{name}.test", name));
            var answer = await Eventually.IsAsync(() => client.AskAsync($"http://{name}.test/api/status"), answer => answer.Status != HttpStatusCode.NotFound);
            Assert.Equal(HttpStatusCode.BadGateway, answer.Status);
        }
    }

    private static string InDefault(string yaml) => yaml.Replace("metadata:\n", "metadata:\n  namespace: default\n", StringComparison.Ordinal);
}
