using Gateway.Configuration.Model;

namespace Gateway.Proxy.Tests.Routing;

/// <summary>A request as a client writes it.</summary>
internal sealed record NaiveRequest(string Authority, string Path, string Method, string QueryValue, string? HeaderValue);

/// <summary>Matches by scanning all hosts and all routes: the rules said as plainly as possible.</summary>
internal static class NaiveMatcher
{
    /// <summary>The id of the route that takes the request, else why there is none.</summary>
    public static string Match(IEnumerable<HostRoutes> hosts, NaiveRequest request)
    {
        if (NaivePath.Normalize(request.Path) is not { } path)
            return "BadPath";

        var name = request.Authority.Split(':')[0].ToUpperInvariant();
        if (name.EndsWith('.'))
            name = name[..^1];
        var host = hosts.Where(h => Takes(h.Host.ToUpperInvariant(), name)).MinBy(h => h.Host == "" ? 2 : h.Host[0] == '*' ? 1 : 0);
        if (host is null)
            return "NoHost";

        var route = host.Routes
            .Where(r => Takes(r.Match.Path, path) && TakesRest(r.Match, request))
            .OrderBy(r => r.Match.Path.Kind == PathMatchKind.Exact ? 0 : 1)
            .ThenByDescending(r => r.Match.Path.Value.Split('/', StringSplitOptions.RemoveEmptyEntries).Length)
            .ThenBy(r => r.Match.Path.Value == path || (path != r.Match.Path.Value.TrimEnd('/') && r.Match.Path.Value.EndsWith('/')) ? 0 : 1)
            .ThenBy(r => r.Precedence.PredicateRank).ThenBy(r => r.Precedence.Age).ThenBy(r => r.Precedence.Index)
            .FirstOrDefault();
        return route?.Id ?? "NoPath";
    }

    private static bool Takes(string host, string name)
    {
        if (host is "" || host == name)
            return true;
        var labels = name.Split('.');
        return host[0] == '*' && labels[0].Length > 0 && labels[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            && host == "*." + string.Join('.', labels[1..]);
    }

    private static bool Takes(PathMatch match, string path)
    {
        if (match.Kind == PathMatchKind.Exact)
            return match.Value == path;
        var wanted = match.Value.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return path.Split('/', StringSplitOptions.RemoveEmptyEntries).Take(wanted.Length).SequenceEqual(wanted);
    }

    private static bool TakesRest(RouteMatch match, NaiveRequest request) =>
        (match.Method is null || match.Method == request.Method)
        && match.Headers.All(h => h.Value == request.HeaderValue)
        && match.Query.All(q => q.Value == request.QueryValue);
}
