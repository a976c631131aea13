using System.Net.Security;
using System.Net.Sockets;
using Gateway.Proxy.Endpoints;
using Gateway.Proxy.Forwarding.Lean;
using Gateway.Proxy.Listeners.Epoll;

namespace Gateway.Proxy.Forwarding;

/// <summary>Opens connections to endpoints. One place for all forwarders.</summary>
internal sealed class UpstreamDialer(DialPolicy policy)
{
    /// <summary>
    /// The TLS of upstream connections. Certificates are not verified, as ingress-nginx does by default
    /// (<c>proxy-ssl-verify: off</c>), and no name is sent (<c>proxy-ssl-server-name: off</c>).
    /// </summary>
    /// <param name="alpn">The one protocol that is offered.</param>
    public static SslClientAuthenticationOptions Tls(SslApplicationProtocol alpn) => new()
    {
        TargetHost = "",
        ApplicationProtocols = [alpn],
#pragma warning disable CA5359
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    /// <summary>Connects to <paramref name="endpoint"/>; with TLS where <paramref name="tls"/> is given.</summary>
    /// <exception cref="TimeoutException">It took longer than <paramref name="timeout"/>.</exception>
    /// <exception cref="SocketException">No connection could be made.</exception>
    public async ValueTask<(Socket Socket, Stream Stream)> DialAsync(
        Endpoint endpoint, SslClientAuthenticationOptions? tls, TimeSpan timeout, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await policy.ConnectAsync(socket, endpoint.Target, deadline.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (tls is not null)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsClientAsync(tls, deadline.Token);
                stream = secure;
            }
            return (socket, stream);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            throw NotWithin(timeout);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects to <paramref name="endpoint"/> in <paramref name="loop"/>.</summary>
    /// <exception cref="TimeoutException">It took longer than <paramref name="timeout"/>.</exception>
    /// <exception cref="SocketException">No connection could be made.</exception>
    public async ValueTask<LoopSocket> DialAsync(Endpoint endpoint, EventLoop loop, TimeSpan timeout, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeout);
        try
        {
            return await policy.ConnectAsync(loop, endpoint.Target, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw NotWithin(timeout);
        }
    }

    private static TimeoutException NotWithin(TimeSpan timeout) => new($"no connection within {timeout.TotalSeconds:0.###} s");
}
