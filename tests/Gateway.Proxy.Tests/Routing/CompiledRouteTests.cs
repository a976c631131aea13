using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Proxy.Endpoints;
using Gateway.Proxy.Routing;

namespace Gateway.Proxy.Tests.Routing;

public sealed class CompiledRouteTests
{
    private static ServicePortKey Key(string name) => new(new ObjectName("shop", name), new PortReference(80, null));

    private static CompiledRoute Compile(EndpointTable endpoints, params ReadOnlySpan<(string Service, int Weight)> backends)
    {
        var route = RouteTables.Prefix("/") with { Backends = [] };
        foreach (var (service, weight) in backends)
            route = route with { Backends = [.. route.Backends, new Backend(Key(service), weight)] };
        return new CompiledRoute(route, endpoints, []);
    }

    [Fact]
    public void Each_backend_takes_the_share_that_its_weight_gives()
    {
        var route = Compile(new EndpointTable(), ("a", 1), ("none", 0), ("b", 3), ("c", 2));
        Assert.Equal("abbbcc", string.Concat(Enumerable.Range(0, 6).Select(point => route.At(point).Backend.Service.Service.Name)));

        var seen = Enumerable.Range(0, 1_000).Select(_ => route.Choose()!.Backend.Service.Service.Name).ToHashSet();
        Assert.Equal(["a", "b", "c"], seen.Order());
    }

    [Fact]
    public void The_weights_may_add_up_to_more_than_an_int_holds()
    {
        var route = Compile(new EndpointTable(), ("a", int.MaxValue), ("b", int.MaxValue));
        Assert.Equal("b", route.At(2L * int.MaxValue - 1).Backend.Service.Service.Name);
    }

    [Fact]
    public void A_route_whose_backends_have_no_weight_goes_nowhere()
    {
        Assert.Null(Compile(new EndpointTable()).Choose());
        Assert.Null(Compile(new EndpointTable(), ("a", 0)).Choose());
    }

    [Fact]
    public void A_route_that_is_compiled_before_its_endpoints_come_finds_them_later()
    {
        var endpoints = new EndpointTable();
        var route = Compile(endpoints, ("a", 1));
        Assert.True(route.Choose()!.Cluster.Cluster.Usable.IsEmpty);

        endpoints.Publish(new ServiceEndpoints(Key("a"), [new EndpointAddress("10.0.0.1", 80)]));
        Assert.Equal("10.0.0.1:80", route.Choose()!.Cluster.Cluster.Usable[0].Authority);
    }
}
