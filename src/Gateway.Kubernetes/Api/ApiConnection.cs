using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Authentication;

namespace Gateway.Kubernetes.Api;

/// <summary>The way to one API server with one set of credentials.</summary>
/// <param name="Http">Sends requests; speaks HTTP/2 where the server does.</param>
/// <param name="Server">The server's address; paths are appended to its own.</param>
/// <param name="Credentials">Adds a token or a password to a request; null: a client certificate, or nothing.</param>
internal sealed record ApiConnection(HttpMessageInvoker Http, Uri Server, ServiceClientCredentials? Credentials) : IDisposable
{
    // A peer that is gone without a word is noticed by pings; the library's own client pings every 3 minutes only.
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Makes a connection of what a kubeconfig or a pod's service account says.</summary>
    public static ApiConnection From(KubernetesClientConfiguration configuration)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.GZip,
            ConnectTimeout = ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingTimeout = PingTimeout,
            UseCookies = false,
        };
        var tls = handler.SslOptions;
        if (configuration.SkipTlsVerify)
        {
#pragma warning disable CA5359 // insecure-skip-tls-verify says so.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (configuration.SslCaCerts is { Count: > 0 } authorities)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, TrustMode = X509ChainTrustMode.CustomRootTrust };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        // The handler itself always asks for the name in the address.
        if (!configuration.SkipTlsVerify && configuration.TlsServerName is { Length: > 0 } name)
        {
            tls.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None
                && certificate is X509Certificate2 presented && presented.MatchesHostname(name);
        }
        if (ReadClientCertificate(configuration) is { } certificate)
            tls.ClientCertificates = [certificate];
        return new ApiConnection(new HttpMessageInvoker(handler), new Uri(configuration.Host), global::k8s.Kubernetes.CreateCredentials(configuration));
    }

    /// <summary>The address of <paramref name="pathAndQuery"/>: behind some proxies the API has a path of its own.</summary>
    public Uri AddressOf(string pathAndQuery) => new(Server.AbsoluteUri.TrimEnd('/') + pathAndQuery);

    /// <inheritdoc/>
    public void Dispose() => Http.Dispose();

    private static X509Certificate2? ReadClientCertificate(KubernetesClientConfiguration configuration)
    {
        var certificate = ReadPem(configuration.ClientCertificateData, configuration.ClientCertificateFilePath);
        var key = ReadPem(configuration.ClientCertificateKeyData, configuration.ClientKeyFilePath);
        return certificate is null || key is null ? null : X509Certificate2.CreateFromPem(certificate, key);
    }

    private static string? ReadPem(string? base64, string? file) =>
        !string.IsNullOrEmpty(base64) ? Encoding.UTF8.GetString(Convert.FromBase64String(base64))
        : !string.IsNullOrEmpty(file) ? File.ReadAllText(file)
        : null;
}
