namespace Gateway.Configuration.Model;

/// <summary>A step on the request, before it is forwarded.</summary>
public abstract record RouteFilter;

/// <summary>Answers 503 to everything: the route's configuration is broken in a part that must not be left out.</summary>
/// <param name="Cause">Names the field at fault, for the admin API.</param>
public sealed record DenyFilter(string Cause) : RouteFilter;

/// <summary>Answers 413 when the request body is longer (RFC 9110 15.5.14).</summary>
/// <param name="MaxBytes">0: no limit.</param>
public sealed record BodySizeFilter(long MaxBytes) : RouteFilter;

/// <summary>Sends plain requests to https; the Location carries no port.</summary>
/// <param name="StatusCode">301, 302, 307 or 308.</param>
/// <param name="PreserveTrailingSlash">False: one trailing slash of the path is cut, as ingress-nginx does.</param>
public sealed record HttpsRedirectFilter(int StatusCode, bool PreserveTrailingSlash) : RouteFilter;
