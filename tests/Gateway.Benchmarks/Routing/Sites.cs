using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Proxy.Endpoints;
using Gateway.Proxy.Routing;

namespace Gateway.Benchmarks.Routing;

/// <summary>Hosts as an Ingress makes them: three prefixes and an exact path each.</summary>
internal static class Sites
{
    public static RouteTable Table(int count)
    {
        var table = new RouteTable(new EndpointTable(), static (_, _) => []);
        for (var number = 0; number < count; number++)
            table.Publish(Site(Name(number)));
        return table;
    }

    public static string Name(int number) => $"shop-{number}.example.com";

    public static HostRoutes Site(string host) => new(host)
    {
        Routes =
        [
            Route(host, PathMatchKind.Exact, "/healthz"), Route(host, PathMatchKind.Prefix, "/api/v1/orders"),
            Route(host, PathMatchKind.Prefix, "/api"), Route(host, PathMatchKind.Prefix, "/"),
        ],
    };

    private static Route Route(string host, PathMatchKind kind, string path)
    {
        var match = new PathMatch(kind, path);
        return new Route($"{kind} {path}", new ResourceKey(ResourceKind.Ingress, new ObjectName("shop", host)), new RouteMatch(match))
        {
            Precedence = new RoutePrecedence(RoutePrecedence.ByPath(match), 0, 0, 0),
            Backends = [new Backend(new ServicePortKey(new ObjectName("shop", host), new PortReference(80, null)))],
        };
    }
}
