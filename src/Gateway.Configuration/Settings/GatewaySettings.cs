using System.Net;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Settings;

/// <summary>
/// What holds for the whole gateway: the values of the ConfigMap that <c>--configmap</c> names, with
/// ingress-nginx's key names and, where not said otherwise, its defaults.
/// </summary>
public sealed record GatewaySettings
{
    /// <summary>The defaults of all keys.</summary>
    public static GatewaySettings Default { get; } = new();

    /// <summary>Keys that guard all hosts but are not supported, as written; all routes answer 503 then. Null: there are none.</summary>
    public string? DenyCause { get; init; }

    /// <summary><c>disable-access-log</c>, <c>disable-http-access-log</c>: whether requests are logged at all. Default true.</summary>
    public bool AccessLog { get; init; } = true;

    /// <summary><c>access-log-path</c>: the file for it; null, the default: standard output.</summary>
    public string? AccessLogPath { get; init; }

    /// <summary><c>enable-access-log-for-default-backend</c>: log requests for hosts that no Ingress names, too. Default false.</summary>
    public bool AccessLogForDefaultBackend { get; init; }

    /// <summary><c>proxy-body-size</c>: longest request body in bytes, 0 for no limit. Default 1 MiB.</summary>
    public long ProxyBodySize { get; init; } = 1 << 20;

    /// <summary><c>proxy-connect-timeout</c>. Default 5 s.</summary>
    public TimeSpan ProxyConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary><c>proxy-read-timeout</c>: between two reads from the upstream. Default 60 s.</summary>
    public TimeSpan ProxyReadTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>proxy-send-timeout</c>: between two writes to the upstream. Default 60 s.</summary>
    public TimeSpan ProxySendTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>ssl-redirect</c>: http to https for hosts with TLS. Default true.</summary>
    public bool SslRedirect { get; init; } = true;

    /// <summary><c>force-ssl-redirect</c>: the same for hosts without. Default false.</summary>
    public bool ForceSslRedirect { get; init; }

    /// <summary><c>preserve-trailing-slash</c> in that redirect. Default false.</summary>
    public bool PreserveTrailingSlash { get; init; }

    /// <summary><c>http-redirect-code</c>: 301, 302, 307 or 308 (the default).</summary>
    public int HttpRedirectCode { get; init; } = 308;

    /// <summary><c>no-tls-redirect-locations</c>: paths below these are never redirected.</summary>
    public EquatableArray<string> NoTlsRedirectLocations { get; init; } = ["/.well-known/acme-challenge"];

    /// <summary><c>hsts</c>: send <c>Strict-Transport-Security</c> (RFC 6797) on https answers. Default true.</summary>
    public bool Hsts { get; init; } = true;

    /// <summary><c>hsts-max-age</c> in seconds. Default one year.</summary>
    public long HstsMaxAge { get; init; } = 31_536_000;

    /// <summary><c>hsts-include-subdomains</c>. Default true.</summary>
    public bool HstsIncludeSubdomains { get; init; } = true;

    /// <summary><c>hsts-preload</c>. Default false.</summary>
    public bool HstsPreload { get; init; }

    /// <summary><c>ssl-protocols</c>. Default TLS 1.2 and 1.3.</summary>
    public TlsVersions SslProtocols { get; init; } = TlsVersions.Tls12 | TlsVersions.Tls13;

    /// <summary><c>ssl-reject-handshake</c>: refuse handshakes for names without a certificate. Default false.</summary>
    public bool SslRejectHandshake { get; init; }

    /// <summary><c>use-http2</c> on TLS. Default true.</summary>
    public bool UseHttp2 { get; init; } = true;

    /// <summary><c>http2-max-concurrent-streams</c> per connection. Default 128.</summary>
    public int Http2MaxConcurrentStreams { get; init; } = 128;

    /// <summary><c>use-forwarded-headers</c>: believe X-Forwarded-* of peers in <see cref="ProxyRealIpCidr"/>. Default false.</summary>
    public bool UseForwardedHeaders { get; init; }

    /// <summary><c>enable-real-ip</c>: believe only the client address of <see cref="ForwardedForHeader"/>. Default false.</summary>
    public bool EnableRealIp { get; init; }

    /// <summary><c>compute-full-forwarded-for</c>: append to X-Forwarded-For instead of replacing it. Default false.</summary>
    public bool ComputeFullForwardedFor { get; init; }

    /// <summary><c>forwarded-for-header</c>. Default X-Forwarded-For.</summary>
    public string ForwardedForHeader { get; init; } = "X-Forwarded-For";

    /// <summary><c>proxy-real-ip-cidr</c>: whose forwarding headers are believed. Default everybody, as in ingress-nginx (with a diagnostic once they are used).</summary>
    public EquatableArray<IPNetwork> ProxyRealIpCidr { get; init; } = [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")];

    /// <summary><c>generate-request-id</c>: make an X-Request-ID where the client sent none. Default true.</summary>
    public bool GenerateRequestId { get; init; } = true;

    /// <summary><c>proxy-add-original-uri-header</c>: send X-Original-URI upstream. Default false.</summary>
    public bool ProxyAddOriginalUriHeader { get; init; }

    /// <summary><c>enable-underscores-in-headers</c>: pass request headers whose name has an underscore. Default false: dropped.</summary>
    public bool EnableUnderscoresInHeaders { get; init; }

    /// <summary><c>keep-alive</c>: how long an idle client connection is kept. Default 75 s; zero turns keep-alive off.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary><c>client-header-timeout</c>: for the whole request head. Default 60 s.</summary>
    public TimeSpan ClientHeaderTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>client-body-timeout</c>: between two reads of a request body. Default 60 s.</summary>
    public TimeSpan ClientBodyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>upstream-keepalive-connections</c>: idle connections kept; zero: none is kept. Default 320.</summary>
    public int UpstreamKeepaliveConnections { get; init; } = 320;

    /// <summary><c>upstream-keepalive-timeout</c>: how long an idle upstream connection is kept. Default 60 s.</summary>
    public TimeSpan UpstreamKeepaliveTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>upstream-keepalive-time</c>: longest life of an upstream connection. Default 1 h.</summary>
    public TimeSpan UpstreamKeepaliveTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary><c>upstream-keepalive-requests</c>: after how many requests a connection to an upstream is closed. At least 1.</summary>
    public int UpstreamKeepaliveRequests { get; init; } = 10_000;
}

/// <summary>Versions of TLS that can be offered. Older ones (RFC 8996) are not.</summary>
[Flags]
public enum TlsVersions
{
    /// <summary>None: not valid as a setting.</summary>
    None = 0,

    /// <summary>RFC 5246.</summary>
    Tls12 = 1,

    /// <summary>RFC 8446.</summary>
    Tls13 = 2,
}
