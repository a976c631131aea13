using Gateway.Configuration.Model;

namespace Gateway.Proxy.Filters;

/// <summary>Turns the filters of a route into steps, in the one fixed order in which ingress-nginx takes them, whatever the order in the configuration.</summary>
internal static class FilterCompiler
{
    /// <summary>Compiles the filters of <paramref name="route"/>.</summary>
    public static RequestFilter[] Compile(HostRoutes host, Route route)
    {
        if (route.Filters.Count == 0)
            return [];
        return [.. route.Filters.OrderBy(Order).Select(Compile)];
    }

    private static int Order(RouteFilter filter) => filter switch
    {
        BodySizeFilter => 0,
        DenyFilter => 1,
        HttpsRedirectFilter => 2,
        _ => throw new NotSupportedException($"no place in the order for {filter.GetType().Name}"),
    };

    private static RequestFilter Compile(RouteFilter filter) => filter switch
    {
        BodySizeFilter size => new BodySizeLimit(size.MaxBytes),
        DenyFilter => new Deny(),
        HttpsRedirectFilter redirect => new HttpsRedirect(redirect.StatusCode, redirect.PreserveTrailingSlash),
        _ => throw new NotSupportedException($"no step for {filter.GetType().Name}"),
    };
}
