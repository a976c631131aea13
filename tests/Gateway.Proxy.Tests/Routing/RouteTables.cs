using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Proxy.Endpoints;
using Gateway.Proxy.Routing;
using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Tests.Routing;

/// <summary>Short ways to write routes down and to ask a table.</summary>
internal static class RouteTables
{
    public static RouteTable Empty() => new(new EndpointTable(), static (_, _) => []);

    public static RouteTable Of(params ReadOnlySpan<HostRoutes> hosts)
    {
        var table = Empty();
        foreach (var host in hosts)
            table.Publish(host);
        return table;
    }

    public static HostRoutes Host(string host, params IEnumerable<Route> routes) =>
        new(host) { Routes = [.. routes.OrderBy(r => r.Precedence)] };

    public static Route Prefix(string path, string? id = null, int age = 0) => Route(new PathMatch(PathMatchKind.Prefix, path), id, age);

    public static Route Exact(string path, string? id = null, int age = 0) => Route(new PathMatch(PathMatchKind.Exact, path), id, age);

    private static Route Route(PathMatch path, string? id, int age) =>
        new(id ?? $"{path.Kind} {path.Value}", new ResourceKey(ResourceKind.Ingress, new ObjectName("shop", "web")), new RouteMatch(path))
        {
            Precedence = new RoutePrecedence(RoutePrecedence.ByPath(path), 0, age, 0),
        };

    /// <summary>The id of the route that takes the request, else why there is none.</summary>
    public static string Ask(
        this RouteTable table, string host, string path, string method = "GET", string query = "", IHeaderDictionary? headers = null,
        string listener = ListenerNames.Http)
    {
        var request = new RequestView { Method = method, Path = path, Query = query, Headers = headers };
        var result = table.Listener(listener).Match(host, request);
        return result.NameOrReason();
    }

    /// <summary>The id of the route, else why there is none.</summary>
    public static string NameOrReason(this MatchResult result) => result.Route?.Route.Id ?? (result.Host is null ? "NoHost" : "NoPath");

    /// <summary>What the table holds under a name.</summary>
    public static CompiledHost? Compiled(this RouteTable table, string host, string listener = ListenerNames.Http) =>
        table.Listener(listener).Find(host);
}
