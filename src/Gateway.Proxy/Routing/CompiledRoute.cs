using Gateway.Configuration.Model;
using Gateway.Proxy.Endpoints;
using Gateway.Proxy.Filters;

namespace Gateway.Proxy.Routing;

/// <summary>A route, ready to take requests. Immutable.</summary>
internal sealed class CompiledRoute
{
    private readonly RouteMatch _match;
    private readonly QueryMatch[] _query;
    private readonly CompiledBackend[] _backends;

    // Where the share of each backend ends on the scale of all weights.
    private readonly long[] _shares;

    public CompiledRoute(Route route, EndpointTable endpoints, RequestFilter[] filters)
    {
        Route = route;
        Filters = filters;
        _match = route.Match;
        _query = [.. route.Match.Query.Select(match => new QueryMatch(match))];
        _backends = [.. route.Backends.Where(b => b.Weight > 0).Select(b => new CompiledBackend(b, endpoints.Get(b.Service)))];
        _shares = new long[_backends.Length];
        for (var i = 0; i < _shares.Length; i++)
            _shares[i] = (i == 0 ? 0 : _shares[i - 1]) + _backends[i].Backend.Weight;
    }

    public Route Route { get; }

    /// <summary>In the order in which they run.</summary>
    public RequestFilter[] Filters { get; }

    /// <summary>The backend that stands for the route where none was chosen; null when none takes requests.</summary>
    public CompiledBackend? FirstBackend => _backends is [var first, ..] ? first : null;

    /// <summary>Chooses a backend by weight; null when none takes requests.</summary>
    public CompiledBackend? Choose() => _backends switch
    {
        [] => null,
        [var only] => only,
        _ => At(Random.Shared.NextInt64(_shares[^1])),
    };

    /// <summary>The backend whose share <paramref name="point"/> falls in: 0 to the sum of all weights, exclusive.</summary>
    internal CompiledBackend At(long point)
    {
        var index = 0;
        while (point >= _shares[index])
            index++;
        return _backends[index];
    }

    /// <summary>Whether all but the path of the match holds.</summary>
    public bool Takes(in RequestView request)
    {
        if (_match.Method is { } method && method != request.Method)
            return false;
        foreach (var header in _match.Headers)
        {
            // A repeated field counts as its values joined by commas (RFC 9110 5.3).
            if (request.Headers is null || !request.Headers.TryGetValue(header.Name, out var values) || values.ToString() != header.Value)
                return false;
        }
        foreach (var parameter in _query)
        {
            if (!parameter.Holds(request.Query))
                return false;
        }
        return true;
    }

    /// <summary>The first of <paramref name="routes"/> that takes the request.</summary>
    public static CompiledRoute? First(ReadOnlySpan<CompiledRoute> routes, in RequestView request)
    {
        foreach (var route in routes)
        {
            if (route.Takes(request))
                return route;
        }
        return null;
    }
}
