using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;

namespace Gateway.Proxy.Tls;

/// <summary>What the handshakes for one host are answered with.</summary>
internal sealed class HandshakeAnswer(HostCertificate host, TlsCertificate certificate, GatewaySettings settings)
{
    // Of a certificate that many hosts use, one: sessions are resumed across those that share it.
    private static readonly ConditionalWeakTable<TlsCertificate, SslStreamCertificateContext> Contexts = [];

    private static readonly List<SslApplicationProtocol> Http1 = [SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> Http2AndHttp1 = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    private SslServerAuthenticationOptions? _options;

    public HostCertificate Host { get; } = host;

    /// <summary>Goes into the connection's features.</summary>
    public TlsPolicyFeature Policy { get; } = new(host.Policy);

    /// <summary>
    /// Made by the first handshake, since it takes about a millisecond of chain building: thousands of
    /// certificates that nobody asks for would hold up the start.
    /// </summary>
    public SslServerAuthenticationOptions Options => _options ??= new SslServerAuthenticationOptions
    {
        // Offline: no outbound requests for OCSP answers or missing issuers.
        ServerCertificateContext = Contexts.GetValue(
            certificate, static made => SslStreamCertificateContext.Create(made.Leaf, made.Intermediates, offline: true)),
        EnabledSslProtocols = Versions(Host.Policy.Versions, settings.SslProtocols),
        ApplicationProtocols = settings.UseHttp2 ? Http2AndHttp1 : Http1,
        AllowRenegotiation = false,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
    };

    /// <summary>The host's versions as far as the whole gateway allows them; where it allows none of them, its own.</summary>
    private static SslProtocols Versions(TlsVersions host, TlsVersions gateway)
    {
        var versions = (host & gateway) is TlsVersions.None ? gateway : host & gateway;
        return (versions.HasFlag(TlsVersions.Tls12) ? SslProtocols.Tls12 : SslProtocols.None)
            | (versions.HasFlag(TlsVersions.Tls13) ? SslProtocols.Tls13 : SslProtocols.None);
    }
}
