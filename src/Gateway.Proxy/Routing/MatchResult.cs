namespace Gateway.Proxy.Routing;

/// <summary>The host and the route that take a request. With neither, what to do is the caller's decision: see <see cref="RouteTable.DefaultRoute"/>.</summary>
/// <param name="Host">Null when no host takes the name.</param>
/// <param name="Route">Null when no route takes the request.</param>
internal readonly record struct MatchResult(CompiledHost? Host, CompiledRoute? Route);
