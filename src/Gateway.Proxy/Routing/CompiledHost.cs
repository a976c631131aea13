using System.Collections.Frozen;
using Gateway.Configuration.Model;

namespace Gateway.Proxy.Routing;

/// <summary>The routes of one host, ready to be matched. Immutable.</summary>
internal sealed class CompiledHost
{
    private readonly FrozenDictionary<string, CompiledRoute[]>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly PrefixNode _prefixes = new();

    public CompiledHost(HostRoutes host, IEnumerable<CompiledRoute> routes)
    {
        Host = host.Host;
        Tls = host.Tls;
        Dictionary<string, CompiledRoute[]> exact = [];
        foreach (var samePath in routes.GroupBy(route => route.Route.Match.Path))
        {
            CompiledRoute[] sorted = [.. samePath.OrderBy(route => route.Route.Precedence)];
            if (samePath.Key.Kind == PathMatchKind.Exact)
                exact.Add(samePath.Key.Value, sorted);
            else
                _prefixes.Add(samePath.Key.Value, sorted);
        }
        _exact = exact.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>As in <see cref="HostRoutes.Host"/>.</summary>
    public string Host { get; }

    /// <summary>What a TLS connection must have been opened with to carry requests for this host.</summary>
    public TlsPolicy Tls { get; }

    /// <summary>The route that takes the request: exact paths come before prefixes, longer prefixes before shorter.</summary>
    public CompiledRoute? Match(in RequestView request) =>
        _exact.TryGetValue(request.Path, out var routes) && CompiledRoute.First(routes, request) is { } exact
            ? exact
            : _prefixes.Match(request);
}
