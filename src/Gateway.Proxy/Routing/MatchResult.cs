namespace Gateway.Proxy.Routing;

/// <summary>What came of matching.</summary>
internal enum MatchKind
{
    /// <summary>No host takes the name.</summary>
    NoHost,

    /// <summary>The host is known, but none of its routes takes the request.</summary>
    NoPath,

    /// <summary>A route takes the request.</summary>
    Route,
}

/// <summary>The host and the route that take a request. With neither, what to do is the caller's decision: see <see cref="RouteTable.DefaultRoute"/>.</summary>
/// <param name="Host">Null when no host takes the name.</param>
/// <param name="Route">Null when no route takes the request.</param>
internal readonly record struct MatchResult(CompiledHost? Host, CompiledRoute? Route)
{
    public MatchKind Kind => Route is not null ? MatchKind.Route : Host is not null ? MatchKind.NoPath : MatchKind.NoHost;
}
