using System.Net;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Proxy.Endpoints;

namespace Gateway.Proxy.Tests.Endpoints;

public sealed class EndpointTableTests
{
    private static readonly ServicePortKey Key = new(new ObjectName("shop", "web"), new PortReference(80, null));

    private static EndpointAddress Ready(string host, string? pod = null) => new(host, 8080, EndpointCondition.Ready, pod);

    private static EndpointAddress Draining(string host) => new(host, 8080, EndpointCondition.Draining);

    private static string[] Usable(EndpointTable table) => [.. table.Get(Key).Cluster.Usable.ToArray().Select(e => e.Host)];

    [Theory]
    [InlineData("10.0.0.1", 8080, "10.0.0.1:8080")]
    [InlineData("::1", 80, "[::1]:80")]
    [InlineData("db.example.com", 443, "db.example.com:443")]
    public void An_endpoint_is_written_as_uris_write_it(string host, int port, string authority)
    {
        var endpoint = new Proxy.Endpoints.Endpoint(new EndpointAddress(host, port));
        Assert.Equal(authority, endpoint.Authority);
        Assert.Equal("http://" + authority, endpoint.HttpPrefix);
        Assert.Equal("https://" + authority, endpoint.HttpsPrefix);
        EndPoint target = IPAddress.TryParse(host, out var ip) ? new IPEndPoint(ip, port) : new DnsEndPoint(host, port);
        Assert.Equal(target, endpoint.Target);
    }

    [Fact]
    public void An_endpoint_stays_the_same_object_while_others_come_and_go()
    {
        var table = new EndpointTable();
        table.Publish(new ServiceEndpoints(Key, [Ready("10.0.0.1"), Ready("10.0.0.2")]));
        var state = table.Get(Key);
        var first = state.Cluster.Usable[0];
        first.Enter();

        table.Publish(new ServiceEndpoints(Key, [Ready("10.0.0.3"), Ready("10.0.0.1")]));
        Assert.Equal(["10.0.0.3", "10.0.0.1"], Usable(table));
        Assert.Same(first, state.Cluster.Usable[1]);

        table.Publish(new ServiceEndpoints(Key, [Ready("10.0.0.3"), Draining("10.0.0.1")]));
        Assert.Same(first, state.Cluster.Draining[0]);

        table.Publish(new ServiceEndpoints(Key, [Ready("10.0.0.1")]));
        Assert.Same(first, state.Cluster.Usable[0]);
        Assert.Equal(1, first.InFlight);
        first.Leave();
        Assert.Equal(0, first.InFlight);
    }

    [Fact]
    public void An_address_that_another_pod_has_taken_over_is_another_endpoint()
    {
        var table = new EndpointTable();
        table.Publish(new ServiceEndpoints(Key, [Ready("10.0.0.1", "web-a")]));
        var before = table.Get(Key).Cluster.Usable[0];
        table.Publish(new ServiceEndpoints(Key, [Ready("10.0.0.1", "web-b")]));
        Assert.NotSame(before, table.Get(Key).Cluster.Usable[0]);
    }

    [Fact]
    public void Draining_endpoints_are_used_only_while_none_is_ready()
    {
        var table = new EndpointTable();
        table.Publish(new ServiceEndpoints(Key, [Draining("10.0.0.1"), Ready("10.0.0.2")]));
        Assert.Equal(["10.0.0.2"], Usable(table));
        table.Publish(new ServiceEndpoints(Key, [Draining("10.0.0.1"), Draining("10.0.0.2")]));
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Usable(table));
    }

    [Fact]
    public void An_address_given_twice_is_one_endpoint()
    {
        var table = new EndpointTable();
        for (var i = 0; i < 2; i++)
            table.Publish(new ServiceEndpoints(Key, [Ready("10.0.0.1"), Ready("10.0.0.1") with { Zone = "a" }]));
        Assert.Same(table.Get(Key).Cluster.Usable[0], table.Get(Key).Cluster.Usable[^1]);
    }

    [Fact]
    public void A_change_of_one_service_port_leaves_the_others_untouched()
    {
        var other = Key with { Port = new PortReference(81, null) };
        var table = new EndpointTable();
        table.Publish(new ServiceEndpoints(Key, [Ready("10.0.0.1")]));
        table.Publish(new ServiceEndpoints(other, [Ready("10.0.0.1")]));
        var before = table.Get(Key).Cluster;
        Assert.NotSame(before.Usable[0], table.Get(other).Cluster.Usable[0]);

        table.Publish(new ServiceEndpoints(other, []));
        Assert.Same(before, table.Get(Key).Cluster);
    }

    [Fact]
    public void A_removed_service_port_is_new_to_those_who_ask_and_unchanged_for_those_who_hold_it()
    {
        var table = new EndpointTable();
        table.Publish(new ServiceEndpoints(Key, [Ready("10.0.0.1")]));
        var state = table.Get(Key);
        table.Remove(Key);
        table.Remove(Key);
        Assert.Empty(table.Clusters);
        Assert.Equal(1, state.Cluster.Usable.Length);
        Assert.True(table.Get(Key).Cluster.Usable.IsEmpty);
    }
}
