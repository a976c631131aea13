using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Kubernetes.Leasing;
using Gateway.Kubernetes.Status;
using Gateway.Kubernetes.Tests.Simulated;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Kubernetes.Tests;

public sealed class ClusterLeaderTests
{
    private const string IngressPath = "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>One pod of the gateway.</summary>
    private sealed class Replica
    {
        public Replica(Simulation simulation, ScriptedApi api, string name, StatusOptions? status)
        {
            var (client, connection) = api.Connect(name);
            Connection = connection;
            api.Put($"/api/v1/namespaces/gw/pods/{name}", JsonNode.Parse("""{"metadata": {"labels": {"app": "gateway"}}, "status": {"phase": "Running"}}""")!.AsObject());
            var view = new IngressStatusView();
            view.Observe(new ObjectName("shop", "web"), IngressStatus.Read(JsonSerializer.SerializeToElement(api.Get(IngressPath))));
            api.Changed += (path, value) =>
            {
                if (path == IngressPath)
                    view.Observe(new ObjectName("shop", "web"), IngressStatus.Read(JsonSerializer.SerializeToElement(value)));
            };
            view.Apply(new ConfigurationDelta { Settings = GatewaySettings.Default, Ingresses = [new ServedIngress(new ObjectName("shop", "web"), "gw", null)] });
            Leader = new ClusterLeader(
                client,
                new ClusterLeaderOptions(new LeaseOptions(new ObjectName("gw", "gateway-leader"), name))
                {
                    Status = status,
                    Addresses = new StatusAddressOptions { Addresses = ["192.0.2.1"], Pod = new ObjectName("gw", name) },
                },
                view, new DiagnosticLog(), _ => { }, simulation.Time, NullLoggerFactory.Instance);
            var stop = new CancellationTokenSource();
            var ended = Leader.RunAsync(stop.Token);
            Terminate = () =>
            {
                var pod = api.Get($"/api/v1/namespaces/gw/pods/{name}")!.DeepClone().AsObject();
                pod["metadata"]!["deletionTimestamp"] = "2030-01-01T00:00:00Z";
                api.Put($"/api/v1/namespaces/gw/pods/{name}", pod);
                stop.Cancel();
                simulation.Advance(Second);
                Assert.True(ended.IsCompletedSuccessfully);
                Assert.False(Leader.IsLeader);
            };
        }

        public ClusterLeader Leader { get; }

        public ScriptedApi.Connection Connection { get; }

        public Action Terminate { get; }
    }

    private static void Run(StatusOptions? status, Action<Simulation, ScriptedApi, Replica, Replica> test) => Simulation.Run(simulation =>
    {
        var api = new ScriptedApi(simulation.Time);
        api.Put(IngressPath, []);
        var first = new Replica(simulation, api, "a", status);
        simulation.Advance(Second);
        test(simulation, api, first, new Replica(simulation, api, "b", status));
    });

    private static string? Address(ScriptedApi api) => (string?)api.Get(IngressPath)!["status"]?["loadBalancer"]?["ingress"]?[0]?["ip"];

    [Fact]
    public void A_rollout_never_takes_the_address_away_but_the_end_of_the_last_pod_does() => Run(new StatusOptions(), (simulation, api, a, b) =>
    {
        Assert.Equal("192.0.2.1", Address(api));
        a.Terminate();
        simulation.Advance(60 * Second);
        Assert.True(b.Leader.IsLeader);
        Assert.Equal("192.0.2.1", Address(api));

        b.Terminate();
        Assert.Null(Address(api));
        Assert.Equal(2, api.Writes.Count(write => write.Path.EndsWith("/status", StringComparison.Ordinal)));
        Assert.Equal("", (string?)api.Get("/apis/coordination.k8s.io/v1/namespaces/gw/leases/gateway-leader")!["spec"]!["holderIdentity"]);
    });

    [Fact]
    public void The_address_stays_when_it_is_not_to_be_removed() => Run(new StatusOptions { RemoveWhenNotServed = false }, (simulation, api, a, b) =>
    {
        a.Terminate();
        b.Terminate();
        Assert.Equal("192.0.2.1", Address(api));
    });

    [Fact]
    public void The_address_stays_when_nobody_can_tell_whether_other_pods_run() => Run(new StatusOptions(), (simulation, api, a, b) =>
    {
        api.Intercept = request => request.Path.Contains("/pods", StringComparison.Ordinal) ? ScriptedApi.Refuse(403, "Forbidden") : null;
        a.Terminate();
        simulation.Advance(5 * Second);
        b.Terminate();
        Assert.Equal("192.0.2.1", Address(api));
    });

    [Fact]
    public void No_status_is_written_when_it_is_not_to_be_updated() => Run(null, (simulation, api, a, b) =>
    {
        simulation.Advance(60 * Second);
        a.Terminate();
        b.Terminate();
        Assert.DoesNotContain(api.Requests, request => request.Path.EndsWith("/status", StringComparison.Ordinal));
    });

    [Fact]
    public void A_leader_that_is_cut_off_writes_nothing_more_and_the_next_one_nothing_twice() => Run(new StatusOptions(), (simulation, api, a, b) =>
    {
        a.Connection.IsSilent = true;
        simulation.AdvanceUntil(() => b.Leader.IsLeader, 15 * Second, "b leads");
        Assert.False(a.Leader.IsLeader);
        simulation.Advance(60 * Second);
        Assert.Single(api.Writes, write => write.Path.EndsWith("/status", StringComparison.Ordinal));

        a.Connection.IsSilent = false;
        simulation.Advance(60 * Second);
        Assert.False(a.Leader.IsLeader);
        Assert.Equal("b", a.Leader.Leader);
    });
}
