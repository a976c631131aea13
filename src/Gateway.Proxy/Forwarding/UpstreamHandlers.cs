using System.Net;
using System.Net.Security;
using System.Text;
using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;

namespace Gateway.Proxy.Forwarding;

/// <summary>
/// The HTTP clients that requests leave through: one per protocol, shared by all endpoints, since each keeps its
/// connections by address anyhow. Immutable; changed settings make a new set.
/// </summary>
internal sealed class UpstreamHandlers : IDisposable
{
    private readonly HttpMessageInvoker[] _byProtocol;
    private readonly (TimeSpan Idle, TimeSpan Life) _kept;

    public UpstreamHandlers(GatewaySettings settings, UpstreamDialer dialer)
    {
        _kept = Kept(settings);
        _byProtocol = [.. Enum.GetValues<BackendProtocol>().Select(protocol => Create(protocol, _kept, dialer))];
    }

    /// <summary>Whether a set made for <paramref name="settings"/> would be no other.</summary>
    public bool Serve(GatewaySettings settings) => Kept(settings) == _kept;

    /// <summary>The client for endpoints that speak <paramref name="protocol"/>.</summary>
    public HttpMessageInvoker For(BackendProtocol protocol) => _byProtocol[(int)protocol];

    /// <summary>Closes idle connections; those in use are closed once they are given back.</summary>
    public void Dispose()
    {
        foreach (var invoker in _byProtocol)
            invoker.Dispose();
    }

    /// <summary>How long a connection is kept idle, and at all.</summary>
    private static (TimeSpan Idle, TimeSpan Life) Kept(GatewaySettings settings) =>
        (settings.UpstreamKeepaliveTimeout, settings.UpstreamKeepaliveConnections == 0 ? TimeSpan.Zero : settings.UpstreamKeepaliveTime);

    private static HttpMessageInvoker Create(BackendProtocol protocol, (TimeSpan Idle, TimeSpan Life) kept, UpstreamDialer dialer)
    {
        var tls = protocol switch
        {
            BackendProtocol.Https => UpstreamDialer.Tls(SslApplicationProtocol.Http11),
            BackendProtocol.Http2Tls => UpstreamDialer.Tls(SslApplicationProtocol.Http2),
            _ => null,
        };
        var isHttp1 = protocol is BackendProtocol.Http or BackendProtocol.Https;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = Timeout.InfiniteTimeSpan, // each route has its own: the dialer keeps it
            PooledConnectionIdleTimeout = kept.Idle,
            PooledConnectionLifetime = kept.Life,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            MaxResponseHeadersLength = 128,
            MaxResponseDrainSize = 0,
            ConnectCallback = (context, cancellation) => ConnectAsync(context, tls, isHttp1, dialer, cancellation),
        };
        return new HttpMessageInvoker(new ContentHandler(handler), disposeHandler: true);
    }

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, SslClientAuthenticationOptions? tls, bool isHttp1, UpstreamDialer dialer, CancellationToken cancellation)
    {
        var connection = UpstreamConnection.Of(context.InitialRequestMessage);
        connection.IsOpening = true;
        var (_, stream) = await dialer.DialAsync(connection.Endpoint, tls, connection.Timeout, cancellation);
        connection.IsOpening = false;
        return isHttp1 ? new UpstreamStream(stream) : stream;
    }

    /// <summary>Gives requests their content, which YARP would not let the transformer choose.</summary>
    private sealed class ContentHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Content = UpstreamConnection.Of(request).Content;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
