using System.Text.Json.Nodes;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Status;
using Gateway.Kubernetes.Tests.Simulated;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Kubernetes.Tests.Status;

public sealed class StatusAddressesTests
{
    private static string? Read(Action<ScriptedApi> objects, StatusAddressOptions options)
    {
        string? read = null;
        Simulation.Run(simulation =>
        {
            var api = new ScriptedApi(simulation.Time);
            objects(api);
            var addresses = new StatusAddresses(api.Connect("gateway").Client, options, NullLogger.Instance);
            read = simulation.Await(addresses.ReadAsync(CancellationToken.None)) is { } found ? string.Join(' ', found) : null;
        });
        return read;
    }

    private static JsonObject Json(string json) => JsonNode.Parse(json)!.AsObject();

    [Theory]
    [InlineData("""{"spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.1"}, "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.2"}, {"hostname": "lb.example"}]}}}""", "192.0.2.2 lb.example")]
    [InlineData("""{"spec": {"type": "LoadBalancer", "externalIPs": ["192.0.2.9", "192.0.2.2"]}, "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.2"}]}}}""", "192.0.2.2 192.0.2.9")]
    [InlineData("""{"spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.1"}, "status": {"loadBalancer": {}}}""", "")]
    [InlineData("""{"spec": {"type": "NodePort", "clusterIP": "10.0.0.1", "externalIPs": ["192.0.2.9"]}}""", "192.0.2.9")]
    [InlineData("""{"spec": {"type": "NodePort", "clusterIP": "10.0.0.1"}}""", "10.0.0.1")]
    [InlineData("""{"spec": {"type": "ClusterIP", "clusterIP": "10.0.0.1"}}""", "10.0.0.1")]
    [InlineData("""{"spec": {"type": "ClusterIP", "clusterIP": "None"}}""", "")]
    [InlineData("""{"spec": {"type": "ExternalName", "externalName": "edge.example"}}""", "edge.example")]
    public void A_Service_gives_the_addresses_that_its_type_has(string service, string expected) => Assert.Equal(expected, Read(
        api => api.Put("/api/v1/namespaces/gw/services/gateway", Json(service)),
        new StatusAddressOptions { Service = new ObjectName("gw", "gateway") }));

    [Fact]
    public void A_Service_that_is_not_there_gives_no_answer() =>
        Assert.Null(Read(_ => { }, new StatusAddressOptions { Service = new ObjectName("gw", "gateway") }));

    [Fact]
    public void Outside_of_a_cluster_there_is_no_answer_without_a_flag() => Assert.Null(Read(_ => { }, new StatusAddressOptions()));

    [Theory]
    [InlineData(false, "10.0.0.2 192.0.2.1")]
    [InlineData(true, "10.0.0.1 10.0.0.2")]
    public void Without_a_flag_the_nodes_of_ready_gateway_pods_are_published(bool internalIp, string expected) => Assert.Equal(expected, Read(
        api =>
        {
            Pod("gateway-1", "gateway", "node-1", "True");
            Pod("gateway-2", "gateway", "node-2", "True");
            Pod("gateway-3", "gateway", "node-3", "False");
            Pod("web-1", "web", "node-4", "True");
            foreach (var (node, addresses) in new[]
            {
                ("node-1", """[{"type": "InternalIP", "address": "10.0.0.1"}, {"type": "ExternalIP", "address": "192.0.2.1"}]"""),
                ("node-2", """[{"type": "Hostname", "address": "node-2"}, {"type": "InternalIP", "address": "10.0.0.2"}]"""),
                ("node-3", """[{"type": "InternalIP", "address": "10.0.0.3"}]"""),
                ("node-4", """[{"type": "InternalIP", "address": "10.0.0.4"}]"""),
            })
                api.Put($"/api/v1/nodes/{node}", new JsonObject { ["status"] = new JsonObject { ["addresses"] = JsonNode.Parse(addresses) } });

            void Pod(string name, string app, string node, string ready) => api.Put($"/api/v1/namespaces/gw/pods/{name}", Json(
                $$$"""
                {"metadata": {"labels": {"app": "{{{app}}}", "pod-template-hash": "{{{name}}}"}}, "spec": {"nodeName": "{{{node}}}"},
                 "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "{{{ready}}}"}] } }
                """));
        },
        new StatusAddressOptions { Pod = new ObjectName("gw", "gateway-1"), NodeInternalIp = internalIp }));

    [Theory]
    [InlineData("""{"phase": "Running"}""", null, false)]
    [InlineData("""{"phase": "Succeeded"}""", null, true)]
    [InlineData("""{"phase": "Running"}""", "2030-01-01T00:00:00Z", true)]
    public void The_last_pod_is_the_one_that_no_other_runs_beside(string status, string? deleted, bool last) => Simulation.Run(simulation =>
    {
        var api = new ScriptedApi(simulation.Time);
        var labels = new JsonObject { ["app"] = "gateway" };
        api.Put("/api/v1/namespaces/gw/pods/a", new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone(), ["deletionTimestamp"] = "2030-01-01T00:00:00Z" },
            ["status"] = new JsonObject { ["phase"] = "Running" },
        });
        api.Put("/api/v1/namespaces/gw/pods/b", new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone(), ["deletionTimestamp"] = deleted },
            ["status"] = JsonNode.Parse(status),
        });

        var pods = new GatewayPods(api.Connect("gateway").Client, new ObjectName("gw", "a"));
        Assert.Equal(last, simulation.Await(pods.IsLastAsync(CancellationToken.None)));
    });
}
