using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Proxy.Tests.Routing;

/// <summary>Random routes and requests over alphabets so small that they often meet.</summary>
internal static class RandomRules
{
    public static HostRoutes Host(this Random random, string name)
    {
        List<Route> routes = [];
        for (var index = random.Next(7); index > 0; index--)
        {
            var path = new PathMatch(random.Pick(PathMatchKind.Exact, PathMatchKind.Prefix, PathMatchKind.Prefix), random.RoutePath());
            var match = new RouteMatch(path)
            {
                Method = random.Pick(null, null, null, "GET", "POST"),
                Headers = random.Pick<EquatableArray<ValueMatch>>([], [], [new ValueMatch("x-v", random.Pick("1", "2"))]),
                Query = random.Pick<EquatableArray<ValueMatch>>([], [], [new ValueMatch("v", random.Pick("1", "é 2"))]),
            };
            routes.Add(new Route($"{name} {index} {path.Kind} {path.Value}", default, match)
            {
                Precedence = new RoutePrecedence(RoutePrecedence.ByPath(path), random.Next(2), random.Next(2), index),
            });
        }
        return new HostRoutes(name) { Routes = [.. routes] };
    }

    public static NaiveRequest Request(this Random random, string host)
    {
        var authority = host switch
        {
            "" => "elsewhere",
            ['*', .. var rest] => random.Pick("x", "y", "q_1", "p.q", "z-") + rest,
            _ => host,
        };
        authority = string.Concat(authority.Select(c => random.Next(2) == 0 ? char.ToUpperInvariant(c) : c));
        var path = random.Join(4, "/a", "/b", "/ab", "/A", "/%61", "/a%20b", "/%C3%A9", "//", "/.", "/x/..", "%2Fa", "/b/%2e%2E", "/..");
        return new NaiveRequest(
            authority + random.Pick("", "", ".") + random.Pick("", ":80"),
            random.Pick(path + "/", path.Length == 0 || path[0] == '%' ? "/" + path : path),
            random.Pick("GET", "POST"), random.Pick("1", "é 2"), random.Pick("1", "2", null));
    }

    private static string RoutePath(this Random random)
    {
        var path = random.Join(3, "/a", "/a", "/b", "/ab", "/A", "/a b", "/é");
        return path.Length == 0 || random.Next(3) == 0 ? path + "/" : path;
    }
}
