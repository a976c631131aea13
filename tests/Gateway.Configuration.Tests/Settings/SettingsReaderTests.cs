using System.Net;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Tests.Settings;

public sealed class SettingsReaderTests
{
    private static (GatewaySettings Settings, IReadOnlyList<Diagnostic> Diagnostics) Read(params (string Key, string Value)[] data)
    {
        var map = new ConfigMapResource(
            new ObjectName("infra", "gateway"), data.Select(pair => KeyValuePair.Create(pair.Key, pair.Value)).ToEquatableArray());
        var diagnostics = new DiagnosticCollector(map.Key);
        return (SettingsReader.Read(map, diagnostics), diagnostics.Diagnostics);
    }

    [Theory]
    [InlineData("disable-access-log", "false", "disable-http-access-log", "true")]
    [InlineData("disable-access-log", "true", "disable-http-access-log", "false")]
    public void Either_key_turns_the_access_log_off(string first, string firstValue, string second, string secondValue) =>
        Assert.False(Read((first, firstValue), (second, secondValue)).Settings.AccessLog);

    [Theory]
    [InlineData("/var/log/nginx/access.log")]
    [InlineData("/dev/stdout")]
    public void What_stands_for_standard_output_is_no_file(string path) =>
        Assert.Null(Read(("access-log-path", path)).Settings.AccessLogPath);

    [Fact]
    public void Every_key_is_taken_over()
    {
        var (settings, diagnostics) = Read(
            ("proxy-body-size", "8m"), ("proxy-connect-timeout", "1"), ("proxy-read-timeout", "2"), ("proxy-send-timeout", "3"),
            ("ssl-redirect", "false"), ("force-ssl-redirect", "true"), ("preserve-trailing-slash", "true"), ("http-redirect-code", "301"),
            ("no-tls-redirect-locations", "/a, /b"), ("hsts", "false"), ("hsts-max-age", "60"), ("hsts-include-subdomains", "false"),
            ("hsts-preload", "true"), ("ssl-protocols", "TLSv1.3"), ("ssl-reject-handshake", "true"), ("use-http2", "false"),
            ("http2-max-concurrent-streams", "7"), ("use-forwarded-headers", "true"), ("enable-real-ip", "true"),
            ("compute-full-forwarded-for", "true"), ("forwarded-for-header", "CF-Connecting-IP"), ("proxy-real-ip-cidr", "10.0.0.0/8, 192.0.2.1,2001:db8::/32"),
            ("generate-request-id", "false"), ("proxy-add-original-uri-header", "true"), ("enable-underscores-in-headers", "true"),
            ("keep-alive", "0"), ("client-header-timeout", "4"), ("client-body-timeout", "5"), ("upstream-keepalive-connections", "0"),
            ("upstream-keepalive-timeout", "6"), ("upstream-keepalive-time", "1h30m"), ("disable-access-log", "true"),
            ("access-log-path", "/var/log/access.log"), ("enable-access-log-for-default-backend", "true"));

        Assert.Empty(diagnostics);
        Assert.Equal(
            new GatewaySettings
            {
                ProxyBodySize = 8 << 20,
                ProxyConnectTimeout = TimeSpan.FromSeconds(1),
                ProxyReadTimeout = TimeSpan.FromSeconds(2),
                ProxySendTimeout = TimeSpan.FromSeconds(3),
                SslRedirect = false,
                ForceSslRedirect = true,
                PreserveTrailingSlash = true,
                HttpRedirectCode = 301,
                NoTlsRedirectLocations = ["/a", "/b"],
                Hsts = false,
                HstsMaxAge = 60,
                HstsIncludeSubdomains = false,
                HstsPreload = true,
                SslProtocols = TlsVersions.Tls13,
                SslRejectHandshake = true,
                UseHttp2 = false,
                Http2MaxConcurrentStreams = 7,
                UseForwardedHeaders = true,
                EnableRealIp = true,
                ComputeFullForwardedFor = true,
                ForwardedForHeader = "CF-Connecting-IP",
                ProxyRealIpCidr = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("192.0.2.1/32"), IPNetwork.Parse("2001:db8::/32")],
                GenerateRequestId = false,
                ProxyAddOriginalUriHeader = true,
                EnableUnderscoresInHeaders = true,
                KeepAlive = TimeSpan.Zero,
                ClientHeaderTimeout = TimeSpan.FromSeconds(4),
                ClientBodyTimeout = TimeSpan.FromSeconds(5),
                UpstreamKeepaliveConnections = 0,
                UpstreamKeepaliveTimeout = TimeSpan.FromSeconds(6),
                UpstreamKeepaliveTime = TimeSpan.FromMinutes(90),
                AccessLog = false,
                AccessLogPath = "/var/log/access.log",
                AccessLogForDefaultBackend = true,
            },
            settings);
    }

    [Theory]
    [InlineData("access-log-path", "access.log")]
    [InlineData("proxy-body-size", "8 MB")]
    [InlineData("proxy-body-size", "-1")]
    [InlineData("proxy-body-size", "99999999999g")]
    [InlineData("proxy-connect-timeout", "5s")]
    [InlineData("proxy-read-timeout", "0")]
    [InlineData("proxy-send-timeout", "99999999999")]
    [InlineData("ssl-redirect", "yes")]
    [InlineData("ssl-redirect", "")]
    [InlineData("http-redirect-code", "303")]
    [InlineData("no-tls-redirect-locations", "acme")]
    [InlineData("hsts-max-age", "1y")]
    [InlineData("hsts-max-age", "-1")]
    [InlineData("ssl-protocols", "")]
    [InlineData("ssl-protocols", "TLSv1.1 TLSv1.2")]
    [InlineData("http2-max-concurrent-streams", "0")]
    [InlineData("forwarded-for-header", "X Forwarded: For")]
    [InlineData("keep-alive", "-1")]
    [InlineData("upstream-keepalive-time", "1 fortnight")]
    [InlineData("upstream-keepalive-time", "0")]
    public void A_bad_value_leaves_the_default_and_names_key_value_and_remedy(string key, string value)
    {
        var (settings, diagnostics) = Read((key, value));
        Assert.Equal(GatewaySettings.Default, settings);
        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal($"data[{key}]", diagnostic.Field);
        Assert.Equal(value, diagnostic.Value);
        Assert.StartsWith("Write ", diagnostic.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("512b", 512)]
    [InlineData("1k", 1024)]
    [InlineData("1K", 1024)]
    [InlineData("20M", 20 << 20)]
    [InlineData("2g", 2L << 30)]
    [InlineData("8m\n", 8 << 20)]
    public void Sizes_are_read_in_all_units(string text, long bytes) =>
        Assert.Equal(bytes, Read(("proxy-body-size", text)).Settings.ProxyBodySize);

    [Fact]
    public void An_unknown_key_is_told_with_the_nearest_known_one()
    {
        var (_, diagnostics) = Read(("proxy-body-sise", "8m"), ("colour", "red"));
        Assert.Equal("Write \"proxy-body-size\" if that is meant", diagnostics[0].Remedy);
        Assert.Equal("Remove it", diagnostics[1].Remedy);
    }

    [Fact]
    public void A_key_of_ingress_nginx_that_is_not_supported_is_told_unless_it_asks_for_nothing()
    {
        var (_, diagnostics) = Read(
            ("use-gzip", "true"), ("enable-brotli", "false"), ("allow-snippet-annotations", "false"), ("log-format-upstream", "$remote_addr"),
            ("worker-processes", "8"), ("ssl-session-cache", "true"), ("jaeger-collector-host", "x"));
        Assert.Equal(["data[use-gzip]", "data[log-format-upstream]"], diagnostics.Select(diagnostic => diagnostic.Field));
        Assert.All(diagnostics, diagnostic => Assert.Contains("not supported yet", diagnostic.Problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("use-forwarded-headers")]
    [InlineData("enable-real-ip")]
    public void Believing_everybody_about_the_client_address_is_told(string key)
    {
        Assert.Contains("every client is believed", Assert.Single(Read((key, "true")).Diagnostics).Problem, StringComparison.Ordinal);
        Assert.Empty(Read((key, "true"), ("proxy-real-ip-cidr", "10.0.0.0/8")).Diagnostics);
    }

    [Fact]
    public void A_bad_network_never_widens_whom_is_believed()
    {
        var (settings, diagnostics) = Read(("proxy-real-ip-cidr", "10.0.0.0/8,10.0.0.1/99,everybody"), ("use-forwarded-headers", "true"));
        Assert.Equal([IPNetwork.Parse("10.0.0.0/8")], settings.ProxyRealIpCidr);
        Assert.Equal(["10.0.0.1/99", "everybody"], diagnostics.Select(diagnostic => diagnostic.Value));
        Assert.Empty(Read(("proxy-real-ip-cidr", "everybody")).Settings.ProxyRealIpCidr);
    }

    [Fact]
    public void Thousands_of_unknown_keys_are_told_of_in_a_few_words() =>
        Assert.Equal(21, Read([.. Enumerable.Range(0, 5_400).Select(i => ($"proxy-body-sise{i}", "1"))]).Diagnostics.Count);
}
