using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Gateway.Proxy.Tests.Tls;

/// <summary>What a client got out of a handshake.</summary>
internal sealed record Handshake(string Certificate, string[] Intermediates, string Protocol, SslProtocols Version)
{
    /// <summary>Shakes hands with one TLS version or any, and hangs up.</summary>
    public static async Task<Handshake> WithAsync(IPEndPoint server, string? serverName, SslProtocols versions = SslProtocols.None)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, deadline.Token);
        string[] intermediates = [];
        await using var tls = new SslStream(new NetworkStream(socket));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = serverName,
                EnabledSslProtocols = versions,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                {
                    intermediates = [.. chain!.ChainPolicy.ExtraStore.Where(sent => !sent.Equals(certificate)).Select(sent => sent.Subject)];
                    return certificate is not null;
                },
            },
            deadline.Token);
        return new Handshake(tls.RemoteCertificate!.Subject, intermediates, tls.NegotiatedApplicationProtocol.ToString(), tls.SslProtocol);
    }
}
