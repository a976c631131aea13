using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Settings;

/// <summary>Reads the settings from the ConfigMap that <c>--configmap</c> names. A bad value leaves the default and yields a diagnostic.</summary>
internal static class SettingsReader
{
    /// <summary>One key: what its value may be, for people, and how it is taken over (null: the value is bad).</summary>
    private sealed record Key(string Allowed, Func<GatewaySettings, string, GatewaySettings?> Set);

    private static readonly FrozenDictionary<string, Key> Keys = new Dictionary<string, Key>
    {
        ["disable-access-log"] = Bool((s, v) => s with { AccessLog = s.AccessLog && !v }),
        ["disable-http-access-log"] = Bool((s, v) => s with { AccessLog = s.AccessLog && !v }),
        ["access-log-path"] = new("an absolute path", (s, text) => text.StartsWith('/') ? s with { AccessLogPath = IsStandardOutput(text) ? null : text } : null),
        ["enable-access-log-for-default-backend"] = Bool((s, v) => s with { AccessLogForDefaultBackend = v }),
        ["proxy-body-size"] = new(NginxValue.SizeForm, (s, text) => NginxValue.TrySize(text, out var v) ? s with { ProxyBodySize = v } : null),
        ["proxy-connect-timeout"] = Seconds(1, (s, v) => s with { ProxyConnectTimeout = v }),
        ["proxy-read-timeout"] = Seconds(1, (s, v) => s with { ProxyReadTimeout = v }),
        ["proxy-send-timeout"] = Seconds(1, (s, v) => s with { ProxySendTimeout = v }),
        ["ssl-redirect"] = Bool((s, v) => s with { SslRedirect = v }),
        ["force-ssl-redirect"] = Bool((s, v) => s with { ForceSslRedirect = v }),
        ["preserve-trailing-slash"] = Bool((s, v) => s with { PreserveTrailingSlash = v }),
        ["http-redirect-code"] = new("301, 302, 307 or 308", (s, text) => text is "301" or "302" or "307" or "308" ? s with { HttpRedirectCode = int.Parse(text, CultureInfo.InvariantCulture) } : null),
        ["no-tls-redirect-locations"] = new("paths, separated by commas", (s, text) => NginxValue.List(text) is var list && Array.TrueForAll(list, path => path[0] == '/') ? s with { NoTlsRedirectLocations = [.. list] } : null),
        ["hsts"] = Bool((s, v) => s with { Hsts = v }),
        ["hsts-max-age"] = new("a whole number of seconds, 0 or more", (s, text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var v) ? s with { HstsMaxAge = v } : null),
        ["hsts-include-subdomains"] = Bool((s, v) => s with { HstsIncludeSubdomains = v }),
        ["hsts-preload"] = Bool((s, v) => s with { HstsPreload = v }),
        ["ssl-protocols"] = new("TLSv1.2, TLSv1.3 or both, separated by a space", (s, text) => TryProtocols(text, out var v) ? s with { SslProtocols = v } : null),
        ["ssl-reject-handshake"] = Bool((s, v) => s with { SslRejectHandshake = v }),
        ["use-http2"] = Bool((s, v) => s with { UseHttp2 = v }),
        ["http2-max-concurrent-streams"] = Count(1, (s, v) => s with { Http2MaxConcurrentStreams = v }),
        ["use-forwarded-headers"] = Bool((s, v) => s with { UseForwardedHeaders = v }),
        ["enable-real-ip"] = Bool((s, v) => s with { EnableRealIp = v }),
        ["compute-full-forwarded-for"] = Bool((s, v) => s with { ComputeFullForwardedFor = v }),
        ["forwarded-for-header"] = new("the name of a header", (s, text) => IsHeaderName(text) ? s with { ForwardedForHeader = text } : null),
        ["generate-request-id"] = Bool((s, v) => s with { GenerateRequestId = v }),
        ["proxy-add-original-uri-header"] = Bool((s, v) => s with { ProxyAddOriginalUriHeader = v }),
        ["enable-underscores-in-headers"] = Bool((s, v) => s with { EnableUnderscoresInHeaders = v }),
        ["keep-alive"] = Seconds(0, (s, v) => s with { KeepAlive = v }),
        ["client-header-timeout"] = Seconds(1, (s, v) => s with { ClientHeaderTimeout = v }),
        ["client-body-timeout"] = Seconds(1, (s, v) => s with { ClientBodyTimeout = v }),
        ["upstream-keepalive-connections"] = Count(0, (s, v) => s with { UpstreamKeepaliveConnections = v }),
        ["upstream-keepalive-timeout"] = Seconds(1, (s, v) => s with { UpstreamKeepaliveTimeout = v }),
        ["upstream-keepalive-requests"] = Count(1, (s, v) => s with { UpstreamKeepaliveRequests = v }),
        ["upstream-keepalive-time"] = new("a time such as \"1h\" or \"30m\"", (s, text) => NginxValue.TryTime(text, out var v) ? s with { UpstreamKeepaliveTime = v } : null),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private const string TrustedProxies = "proxy-real-ip-cidr";

    /// <summary>The keys that have an effect.</summary>
    public static IEnumerable<string> Supported => Keys.Keys.Append(TrustedProxies);

    /// <summary>The settings in <paramref name="map"/>, with the defaults for all that it leaves out.</summary>
    public static GatewaySettings Read(ConfigMapResource map, DiagnosticCollector diagnostics)
    {
        var settings = GatewaySettings.Default;
        var trustedNamed = false;
        foreach (var (name, written) in map.Data)
        {
            // A YAML block ends in a line break.
            var text = written.Trim();
            if (name == TrustedProxies)
            {
                trustedNamed = true;
                settings = settings with { ProxyRealIpCidr = Networks(text, diagnostics) };
            }
            else if (!Keys.TryGetValue(name, out var key))
            {
                if (ReportUnsupported(name, text, diagnostics))
                    settings = settings with { DenyCause = settings.DenyCause is { } causes ? $"{causes}, {name}" : name };
            }
            else if (key.Set(settings, text) is { } changed)
            {
                settings = changed;
            }
            else
            {
                diagnostics.Warning(FieldOf(name), text, "this value cannot be used; the default is used instead", $"Write {key.Allowed}");
            }
        }
        if (!trustedNamed && (settings.UseForwardedHeaders || settings.EnableRealIp))
        {
            diagnostics.Warning(FieldOf(settings.UseForwardedHeaders ? "use-forwarded-headers" : "enable-real-ip"), "true",
                "every client is believed about its address, since proxy-real-ip-cidr is not set", "Set proxy-real-ip-cidr to the networks of the proxies in front");
        }
        return settings;
    }

    /// <summary>True: the key must not be ignored.</summary>
    private static bool ReportUnsupported(string name, string text, DiagnosticCollector diagnostics)
    {
        if (NginxKeys.IsWithoutMeaning(name))
            return false;
        if (NginxKeys.Unsupported.TryGetValue(name, out var byDefault))
        {
            if (text == byDefault)
                return false;
            if (NginxKeys.GuardingAllHosts.Contains(name))
            {
                diagnostics.Error(
                    FieldOf(name), text, "this key of ingress-nginx is not supported yet but must not be ignored, so all routes answer 503",
                    "Remove it, if all hosts may be served without");
                return true;
            }
            diagnostics.Warning(FieldOf(name), text, "this key of ingress-nginx is not supported yet and has no effect", "Remove it, or expect no effect");
            return false;
        }
        diagnostics.Unknown(FieldOf(name), text, "there is no key of this name, so it has no effect", name, Supported.Concat(NginxKeys.Unsupported.Keys));
        return false;
    }

    /// <summary>A bad item is left out, and only that: putting the default in its place would trust everybody.</summary>
    private static EquatableArray<IPNetwork> Networks(string text, DiagnosticCollector diagnostics)
    {
        List<IPNetwork> networks = [];
        foreach (var item in NginxValue.List(text))
        {
            if (IPNetwork.TryParse(item, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(item, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                diagnostics.Warning(FieldOf(TrustedProxies), item, "this is neither a network nor an address: it is left out", "Write networks such as \"10.0.0.0/8\", separated by commas");
        }
        return networks.ToEquatableArray();
    }

    /// <summary>The first is what ingress-nginx's image links to the second.</summary>
    private static bool IsStandardOutput(string path) => path is "/var/log/nginx/access.log" or "/dev/stdout";

    private static bool TryProtocols(string text, out TlsVersions versions)
    {
        versions = TlsVersions.None;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (word)
            {
                case "TLSv1.2":
                    versions |= TlsVersions.Tls12;
                    break;
                case "TLSv1.3":
                    versions |= TlsVersions.Tls13;
                    break;
                default:
                    return false;
            }
        }
        return versions != TlsVersions.None;
    }

    private static bool IsHeaderName(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static string FieldOf(string key) => $"data[{key}]";

    private static Key Bool(Func<GatewaySettings, bool, GatewaySettings> set) =>
        new(NginxValue.BoolForm, (settings, text) => NginxValue.TryBool(text, out var value) ? set(settings, value) : null);

    private static Key Seconds(int least, Func<GatewaySettings, TimeSpan, GatewaySettings> set) =>
        new($"a whole number of seconds from {least} to {NginxValue.LongestTimeout}, without a unit",
            (settings, text) => NginxValue.TryInt(text, least, NginxValue.LongestTimeout, out var value) ? set(settings, TimeSpan.FromSeconds(value)) : null);

    private static Key Count(int least, Func<GatewaySettings, int, GatewaySettings> set) =>
        new($"a whole number, {least} or more", (settings, text) => NginxValue.TryInt(text, least, int.MaxValue, out var value) ? set(settings, value) : null);
}
