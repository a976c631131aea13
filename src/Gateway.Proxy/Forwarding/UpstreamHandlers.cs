using System.Net;
using System.Net.Security;
using System.Net.Sockets;
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

    public UpstreamHandlers(GatewaySettings settings, DialPolicy dialPolicy)
    {
        _kept = Kept(settings);
        _byProtocol = [.. Enum.GetValues<BackendProtocol>().Select(protocol => Create(protocol, _kept, dialPolicy))];
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

    private static HttpMessageInvoker Create(BackendProtocol protocol, (TimeSpan Idle, TimeSpan Life) kept, DialPolicy dialPolicy)
    {
        var tls = protocol switch
        {
            BackendProtocol.Https => Tls(SslApplicationProtocol.Http11),
            BackendProtocol.Http2Tls => Tls(SslApplicationProtocol.Http2),
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
            ConnectTimeout = Timeout.InfiniteTimeSpan, // each route has its own: ConnectAsync keeps it
            PooledConnectionIdleTimeout = kept.Idle,
            PooledConnectionLifetime = kept.Life,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            MaxResponseHeadersLength = 128,
            MaxResponseDrainSize = 0,
            ConnectCallback = (context, cancellation) => ConnectAsync(context, tls, isHttp1, dialPolicy, cancellation),
        };
        return new HttpMessageInvoker(new ContentHandler(handler), disposeHandler: true);
    }

    // Not verified, as ingress-nginx does by default (proxy-ssl-verify: off); no SNI (proxy-ssl-server-name: off).
    private static SslClientAuthenticationOptions Tls(SslApplicationProtocol alpn) => new()
    {
        TargetHost = "",
        ApplicationProtocols = [alpn],
#pragma warning disable CA5359
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, SslClientAuthenticationOptions? tls, bool isHttp1, DialPolicy dialPolicy, CancellationToken cancellation)
    {
        var connection = UpstreamConnection.Of(context.InitialRequestMessage);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(connection.Timeout);
        connection.IsOpening = true;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await dialPolicy.ConnectAsync(socket, connection.Endpoint.Target, deadline.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (tls is not null)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsClientAsync(tls, deadline.Token);
                stream = secure;
            }
            connection.IsOpening = false;
            return isHttp1 ? new UpstreamStream(stream) : stream;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            throw new TimeoutException($"no connection within {connection.Timeout.TotalSeconds:0.###} s");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
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
