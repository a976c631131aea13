using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Ingress;

/// <summary>What an Ingress's annotations, and the settings where they are silent, ask for on each of its routes.</summary>
internal sealed record RoutePolicy
{
    /// <summary>Redirect to https where the host has TLS.</summary>
    public required bool SslRedirect { get; init; }

    /// <summary>Redirect to https in any case.</summary>
    public required bool ForceSslRedirect { get; init; }

    /// <summary>Do not cut a trailing slash in that redirect.</summary>
    public required bool PreserveTrailingSlash { get; init; }

    /// <summary>Longest request body in bytes; 0: no limit.</summary>
    public required long ProxyBodySize { get; init; }

    /// <summary>Whether requests appear in the access log.</summary>
    public bool LogsAccess { get; init; } = true;

    /// <summary>How long the upstream may take.</summary>
    public required UpstreamTimeouts Timeouts { get; init; }

    /// <summary>What the endpoints speak; null: what the Service port's appProtocol says.</summary>
    public BackendProtocol? Protocol { get; init; }

    /// <summary>The annotations and settings that must not be ignored but cannot be obeyed; null: there are none.</summary>
    public string? DenyCause { get; init; }

    /// <summary>What the settings say.</summary>
    public static RoutePolicy From(GatewaySettings settings) => new()
    {
        SslRedirect = settings.SslRedirect,
        ForceSslRedirect = settings.ForceSslRedirect,
        PreserveTrailingSlash = settings.PreserveTrailingSlash,
        ProxyBodySize = settings.ProxyBodySize,
        DenyCause = settings.DenyCause,
        Timeouts = new UpstreamTimeouts(settings.ProxyConnectTimeout, settings.ProxyReadTimeout, settings.ProxySendTimeout),
    };

    /// <summary>Whether a route of this path redirects to https.</summary>
    /// <param name="path">The route's path.</param>
    /// <param name="hostHasTls">Whether some Ingress of the host, or of the wildcard host above it, has a <c>tls</c> list.</param>
    /// <param name="settings">Name the paths that are exempt.</param>
    public bool Redirects(PathMatch path, bool hostHasTls, GatewaySettings settings)
    {
        if (!ForceSslRedirect && !(SslRedirect && hostHasTls))
            return false;
        foreach (var exempt in settings.NoTlsRedirectLocations)
        {
            if (path.Value.StartsWith(exempt, StringComparison.Ordinal))
                return false;
        }
        return true;
    }

    /// <summary>The filters of a route.</summary>
    /// <param name="redirects">Whether it redirects to https.</param>
    /// <param name="settings">Name the status code of that.</param>
    public EquatableArray<RouteFilter> Filters(bool redirects, GatewaySettings settings)
    {
        List<RouteFilter> filters = [];
        if (DenyCause is not null)
            filters.Add(new DenyFilter(DenyCause));
        if (ProxyBodySize > 0)
            filters.Add(new BodySizeFilter(ProxyBodySize));
        if (redirects)
            filters.Add(new HttpsRedirectFilter(settings.HttpRedirectCode, PreserveTrailingSlash));
        return filters.ToEquatableArray();
    }
}
