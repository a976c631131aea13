using Gateway.Configuration.Settings;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>How connections to upstreams are kept: ingress-nginx's <c>upstream-keepalive-*</c>.</summary>
/// <param name="Most">Most idle connections of an endpoint, in each event loop, as nginx counts them in each worker.</param>
/// <param name="Idle">How long one is kept idle.</param>
/// <param name="Life">How long one is used at all.</param>
/// <param name="Requests">For how many requests one is used.</param>
internal sealed record KeptConnections(int Most, TimeSpan Idle, TimeSpan Life, int Requests)
{
    public static KeptConnections By(GatewaySettings settings) =>
        new(settings.UpstreamKeepaliveConnections, settings.UpstreamKeepaliveTimeout, settings.UpstreamKeepaliveTime, settings.UpstreamKeepaliveRequests);
}
