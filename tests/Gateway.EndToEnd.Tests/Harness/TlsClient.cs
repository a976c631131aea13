using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>Handshakes, and what they came to.</summary>
internal static class TlsClient
{
    /// <summary>Shakes hands with a port of this machine; believes every certificate unless <paramref name="trusted"/> is given.</summary>
    /// <exception cref="AuthenticationException">The certificate is not believed, or the server refused.</exception>
    public static async Task<SslStream> ShakeHandsAsync(
        int port, string serverName, X509Certificate2? trusted = null, SslProtocols versions = SslProtocols.None, params SslApplicationProtocol[] alpn)
    {
        var stream = new SslStream(await ConnectAsync(port, CancellationToken.None));
        var options = new SslClientAuthenticationOptions { TargetHost = serverName, EnabledSslProtocols = versions, ApplicationProtocols = [.. alpn] };
        Trust(options, trusted);
        try
        {
            await stream.AuthenticateAsClientAsync(options);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The common name of the certificate that a server name gets.</summary>
    public static Task<string> NameAsync(int port, string serverName) =>
        CertificateAsync(port, serverName, certificate => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));

    /// <summary>The serial number of the certificate that a server name gets.</summary>
    public static Task<string> SerialNumberAsync(int port, string serverName) =>
        CertificateAsync(port, serverName, certificate => certificate.SerialNumber);

    private static async Task<string> CertificateAsync(int port, string serverName, Func<X509Certificate2, string> read)
    {
        await using var stream = await ShakeHandsAsync(port, serverName);
        using var certificate = new X509Certificate2(stream.RemoteCertificate!);
        return read(certificate);
    }

    public static async ValueTask<Stream> ConnectAsync(int port, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static void Trust(SslClientAuthenticationOptions options, X509Certificate2? root)
    {
        if (root is null)
        {
#pragma warning disable CA5359 // The tests look at the certificate themselves.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
            return;
        }
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { root },
            RevocationMode = X509RevocationMode.NoCheck,
        };
    }
}
