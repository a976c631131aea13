using System.Diagnostics;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>Two replicas of which one writes, and what becomes of that when it ends.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private readonly ApiServerFixture _cluster = new();
    private readonly List<GatewayProcess> _replicas = [];

    public async ValueTask InitializeAsync()
    {
        await _cluster.InitializeAsync();
        foreach (var pod in (string[])["gateway-a", "gateway-b"])
        {
            _cluster.Api.Apply(ClusterYaml.GatewayPod(pod, "node-1"));
            _replicas.Add(_cluster.LaunchGateway(pod, "--publish-status-address", "203.0.113.9"));
        }
        await Task.WhenAll(_replicas.Select(replica => replica.StartedAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_killed_leader_is_replaced_within_15_s_and_what_is_served_stays_as_it_is()
    {
        var (leader, other) = await LeaderAsync();
        await PublishAsync("one");
        await Replicas.AgreeAsync(leader, other);
        var (version, generation) = (Version("one"), await Replicas.GenerationAsync(other));
        await using var load = ConstantLoad.Start(other, "http://one.test/");

        leader.Signal("-KILL");
        var clock = Stopwatch.StartNew();
        await Eventually.IsAsync(() => Replicas.LeadsAsync(other), leads => leads);

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Equal(generation, await Replicas.GenerationAsync(other));
        await load.EndAsync();
        await PublishAsync("two");
        Assert.Equal(version, Version("one"));
    }

    [Fact]
    public async Task A_leader_that_stops_hands_over_at_once_and_the_last_one_takes_its_address_away()
    {
        var (leader, other) = await LeaderAsync();
        await PublishAsync("one");
        var version = Version("one");
        var pod = (string)_cluster.Api.Get("Lease", GatewayProcess.PodNamespace, "gateway-leader")!["spec"]!["holderIdentity"]!;

        leader.Terminate();
        var clock = Stopwatch.StartNew();
        await Eventually.IsAsync(() => Replicas.LeadsAsync(other), leads => leads);
        // Instead of the 10 s that a Lease lasts.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(8));
        Assert.Equal(0, await leader.ExitedAsync());
        _cluster.Api.Delete("Pod", GatewayProcess.PodNamespace, pod);
        await PublishAsync("two");
        Assert.Equal(version, Version("one"));

        other.Terminate();
        Assert.Equal(0, await other.ExitedAsync());
        Assert.Null(Address("one"));
        Assert.Null(Address("two"));
        Assert.Equal("", (string?)_cluster.Api.Get("Lease", GatewayProcess.PodNamespace, "gateway-leader")!["spec"]!["holderIdentity"]);
    }

    private async Task<(GatewayProcess Leader, GatewayProcess Other)> LeaderAsync()
    {
        var leads = await Eventually.IsAsync(() => Task.WhenAll(_replicas.Select(Replicas.LeadsAsync)), leads => leads.Contains(true));
        Assert.Single(leads, true);
        foreach (var replica in _replicas)
            await Eventually.IsAsync(async () => await replica.ReadMetricAsync("gateway_leader") == 1 == await Replicas.LeadsAsync(replica), same => same);
        return leads[0] ? (_replicas[0], _replicas[1]) : (_replicas[1], _replicas[0]);
    }

    private async Task PublishAsync(string name)
    {
        _cluster.Api.Apply(ClusterYaml.Ingress(name, $"{name}.test", "web"));
        await Eventually.HoldsAsync(() => Address(name) == "203.0.113.9");
    }

    private string? Address(string name) => Ingress(name).Address();

    private string? Version(string name) => (string?)Ingress(name)["metadata"]!["resourceVersion"];

    private JsonObject Ingress(string name) => _cluster.Api.Get("Ingress", "default", name)!;
}
