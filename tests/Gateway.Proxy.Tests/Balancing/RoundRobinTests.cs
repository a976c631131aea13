using Gateway.Configuration.Model;
using Gateway.Proxy.Balancing;
using Gateway.Proxy.Endpoints;

namespace Gateway.Proxy.Tests.Balancing;

public sealed class RoundRobinTests
{
    private static ClusterState Cluster(int endpoints)
    {
        var state = new ClusterState(default);
        state.Publish([.. Enumerable.Range(0, endpoints).Select(i => new EndpointAddress($"10.0.0.{i}", 80))]);
        return state;
    }

    private static string? First(ClusterState state)
    {
        var tried = new TriedEndpoints();
        return RoundRobin.Choose(state, ref tried)?.Host;
    }

    private static string?[] Tries(ClusterState state, int count)
    {
        var tried = new TriedEndpoints();
        var hosts = new string?[count];
        for (var i = 0; i < count; i++)
            hosts[i] = RoundRobin.Choose(state, ref tried)?.Host;
        return hosts;
    }

    [Fact]
    public async Task Endpoints_take_equal_shares_under_concurrency()
    {
        var state = Cluster(5);
        var tasks = Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 1_000).Select(_ => First(state)).ToArray()));
        var shares = (await Task.WhenAll(tasks)).SelectMany(hosts => hosts).GroupBy(host => host);
        Assert.All(shares, share => Assert.Equal(4 * 1_000 / 5, share.Count()));
    }

    [Fact]
    public void Tries_of_one_request_go_to_different_endpoints()
    {
        var state = Cluster(4);
        for (var i = 0; i < 10; i++)
        {
            var hosts = Tries(state, 3);
            Assert.All(hosts, Assert.NotNull);
            Assert.Distinct(hosts);
            First(state);
        }
    }

    [Fact]
    public void Tries_differ_even_when_the_turn_comes_round_to_one_already_tried()
    {
        var state = Cluster(3);
        var tried = new TriedEndpoints();
        List<string?> hosts = [];
        for (var i = 0; i < 3; i++)
        {
            hosts.Add(RoundRobin.Choose(state, ref tried)?.Host);
            First(state);
            First(state);
        }
        Assert.Distinct(hosts);
    }

    [Fact]
    public void A_request_has_three_tries()
    {
        Assert.Null(Tries(Cluster(4), 4)[3]);
        Assert.Equal(["10.0.0.0", "10.0.0.0", "10.0.0.0", null], Tries(Cluster(1), 4));
    }

    [Fact]
    public void Once_all_were_tried_they_may_be_tried_again()
    {
        var hosts = Tries(Cluster(2), 3);
        Assert.NotEqual(hosts[0], hosts[1]);
        Assert.NotNull(hosts[2]);
    }

    [Fact]
    public void Without_endpoints_there_is_none_to_choose() => Assert.Equal([null], Tries(Cluster(0), 1));

    [Fact]
    public void Replicas_start_at_different_endpoints() =>
        Assert.True(Enumerable.Range(0, 200).Select(_ => First(Cluster(10))).Distinct().Count() > 3);

    [Fact]
    public void Choosing_costs_no_memory()
    {
        var state = Cluster(3);
        Assert.Equal(0, Allocations.Of(() =>
        {
            var tried = new TriedEndpoints();
            while (RoundRobin.Choose(state, ref tried) is not null)
            {
            }
        }));
    }
}
