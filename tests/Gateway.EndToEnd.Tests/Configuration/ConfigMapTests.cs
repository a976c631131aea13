using System.Net;
using System.Security.Authentication;
using Gateway.EndToEnd.Tests.Harness;
using Microsoft.AspNetCore.Http;

namespace Gateway.EndToEnd.Tests.Configuration;

/// <summary>The ConfigMap of <c>--configmap</c>, edited while the gateway serves. Each test writes all of it.</summary>
public sealed class ConfigMapTests(ConfigMapTests.Fixture fixture) : IClassFixture<ConfigMapTests.Fixture>
{
    [Fact]
    public async Task Proxy_body_size_is_followed()
    {
        Configure(("proxy-body-size", "10"));
        await Eventually.IsAsync(() => PostAsync(11), status => status == HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(10));

        Configure();
        await Eventually.IsAsync(() => PostAsync(1024 * 1024), status => status == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync((1024 * 1024) + 1));
    }

    [Fact]
    public async Task Timeouts_are_followed()
    {
        Configure(("proxy-connect-timeout", "7"), ("proxy-read-timeout", "8"), ("proxy-send-timeout", "9"));
        await TimeoutsAsync("""{"connect":7,"read":8,"send":9}""");
        Configure(("proxy-read-timeout", "1"));
        await TimeoutsAsync("""{"connect":5,"read":1,"send":60}""");
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await fixture.GetAsync("http://slow.test/")).Status);
    }

    [Fact]
    public async Task Ssl_redirect_is_followed()
    {
        Configure();
        await fixture.BecomesAsync("http://secure.test/", answer => answer.Status == HttpStatusCode.PermanentRedirect);
        Configure(("ssl-redirect", "false"));
        await fixture.BecomesAsync("http://secure.test/", answer => answer.Status == HttpStatusCode.OK);
        Configure(("http-redirect-code", "302"));
        await fixture.BecomesAsync("http://secure.test/", answer => answer.Status == HttpStatusCode.Redirect);
        Assert.Equal(HttpStatusCode.OK, (await fixture.GetAsync("http://plain.test/")).Status);
        Configure(("force-ssl-redirect", "true"));
        await fixture.BecomesAsync("http://plain.test/", answer => answer.Status == HttpStatusCode.PermanentRedirect);
    }

    [Fact]
    public async Task A_key_that_guards_all_hosts_but_cannot_be_obeyed_closes_them()
    {
        Configure(("whitelist-source-range", "10.0.0.0/8"));
        await fixture.BecomesAsync("http://plain.test/", answer => answer.Status == HttpStatusCode.ServiceUnavailable);
        Assert.Contains(await ReportedDiagnostic.ReadAsync(fixture.Gateway), one => one is { Severity: "Error", Field: "data[whitelist-source-range]" });
        Configure();
        await fixture.BecomesAsync("http://plain.test/", answer => answer.Status == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("hsts", "false", null)]
    [InlineData("hsts-max-age", "60", "max-age=60; includeSubDomains")]
    [InlineData("hsts-include-subdomains", "false", "max-age=31536000")]
    [InlineData("hsts-preload", "true", "max-age=31536000; includeSubDomains; preload")]
    public async Task Hsts_keys_are_followed(string key, string value, string? header)
    {
        Configure((key, value));
        await fixture.BecomesAsync("https://secure.test/", answer => answer["Strict-Transport-Security"] == header);
        Assert.Null((await fixture.GetAsync("http://plain.test/"))["Strict-Transport-Security"]);
    }

    [Fact]
    public async Task Forwarding_headers_are_believed_from_the_named_networks_only()
    {
        (string, string)[] sent = [("X-Forwarded-For", "192.0.2.9, 127.0.0.7"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "444")];
        Configure();
        await fixture.BecomesAsync("http://secure.test/", answer => answer.Status == HttpStatusCode.PermanentRedirect);
        await ClientIsAsync(("127.0.0.1", "127.0.0.1", "http"));
        Assert.Equal(HttpStatusCode.PermanentRedirect, (await fixture.GetAsync("http://secure.test/", sent)).Status);

        Configure(("use-forwarded-headers", "true"), ("proxy-real-ip-cidr", "127.0.0.0/8"));
        await ClientIsAsync(("192.0.2.9", "192.0.2.9", "https"));
        // What came to the proxy in front as https is not redirected again.
        Assert.Equal(HttpStatusCode.OK, (await fixture.GetAsync("http://secure.test/", sent)).Status);
        var redirect = await fixture.GetAsync("http://secure.test/a", ("X-Forwarded-Host", "front.test:8443, inner.test"));
        Assert.Equal((HttpStatusCode.PermanentRedirect, "https://front.test/a"), (redirect.Status, redirect["Location"]));

        Configure(("use-forwarded-headers", "true"), ("proxy-real-ip-cidr", "127.0.0.0/8"), ("compute-full-forwarded-for", "true"));
        await ClientIsAsync(("192.0.2.9", "192.0.2.9, 127.0.0.7, 127.0.0.1", "https"));

        Configure(("use-forwarded-headers", "true"), ("proxy-real-ip-cidr", "10.0.0.0/8"));
        await ClientIsAsync(("127.0.0.1", "127.0.0.1", "http"));

        Task ClientIsAsync((string?, string?, string?) expected) => Eventually.IsAsync(
            async () =>
            {
                var answer = await fixture.GetAsync("http://plain.test/", sent);
                return (answer.Received("X-Real-IP"), answer.Received("X-Forwarded-For"), answer.Received("X-Forwarded-Proto"));
            },
            seen => seen == expected);
    }

    [Fact]
    public async Task Protocols_are_followed()
    {
        Configure(("ssl-protocols", "TLSv1.3"));
        await Eventually.IsAsync(() => ShakesHandsAsync(SslProtocols.Tls12), possible => !possible);
        Assert.True(await ShakesHandsAsync(SslProtocols.Tls13));
        // A host without a certificate is served over TLS all the same.
        Assert.Equal(HttpStatusCode.OK, (await fixture.GetAsync("https://plain.test/")).Status);
        Configure(("ssl-protocols", "TLSv1.2"));
        await Eventually.IsAsync(() => ShakesHandsAsync(SslProtocols.Tls12), possible => possible);
        Assert.False(await ShakesHandsAsync(SslProtocols.Tls13));
        Configure();
        await Eventually.IsAsync(() => ShakesHandsAsync(SslProtocols.Tls13), possible => possible);
    }

    [Fact]
    public async Task A_connection_that_was_opened_under_other_protocols_is_answered_421()
    {
        Configure();
        await Eventually.IsAsync(() => ShakesHandsAsync(SslProtocols.Tls12), possible => possible);
        using var open = GatewayHttp.Client(fixture.Gateway, HttpVersion.Version20);
        Assert.Equal(HttpStatusCode.OK, (await open.AskAsync("https://secure.test/")).Status);

        Configure(("ssl-protocols", "TLSv1.3"));
        await Eventually.IsAsync(() => open.AskAsync("https://secure.test/"), answer => answer.Status == HttpStatusCode.MisdirectedRequest);
        using var anew = GatewayHttp.Client(fixture.Gateway, HttpVersion.Version20);
        Assert.Equal(HttpStatusCode.OK, (await anew.AskAsync("https://secure.test/")).Status);
        // The protocols are as they were, and with them the connection.
        Configure();
        await Eventually.IsAsync(() => open.AskAsync("https://secure.test/"), answer => answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Headers_with_underscores_pass_when_allowed()
    {
        Configure(("enable-underscores-in-headers", "true"));
        await Eventually.IsAsync(() => fixture.GetAsync("http://plain.test/", ("x_mark", "1")), answer => answer.Received("x_mark") == "1");
        Configure();
        await Eventually.IsAsync(() => fixture.GetAsync("http://plain.test/", ("x_mark", "1")), answer => answer.Received("x_mark") is null);
    }

    [Fact]
    public async Task No_upstream_connection_is_kept_with_upstream_keepalive_connections_0()
    {
        Configure(("upstream-keepalive-connections", "0"));
        await Eventually.IsAsync(AreTwoRequestsOnOneConnectionAsync, one => !one);
        Configure();
        await Eventually.IsAsync(AreTwoRequestsOnOneConnectionAsync, one => one);

        async Task<bool> AreTwoRequestsOnOneConnectionAsync() =>
            (await fixture.GetAsync("http://connection.test/")).Body == (await fixture.GetAsync("http://connection.test/")).Body;
    }

    [Fact]
    public async Task Bad_values_and_unknown_keys_are_named_and_the_others_apply()
    {
        Configure(("proxy-body-size", "ten"), ("proxy-raed-timeout", "8"), ("hsts-max-age", "77"), ("proxy-real-ip-cidr", "10.0.0.0/8, home"), ("use-gzip", "true"));
        await fixture.BecomesAsync("https://secure.test/", answer => answer["Strict-Transport-Security"] == "max-age=77; includeSubDomains");
        Assert.Equal(HttpStatusCode.OK, await PostAsync(1024 * 1024));

        var diagnostics = (await ReportedDiagnostic.ReadAsync(fixture.Gateway)).Where(one => one.Object == "ConfigMap default/settings").ToDictionary(one => one.Field);
        Assert.Equal(
            ["data[proxy-body-size]", "data[proxy-raed-timeout]", "data[proxy-real-ip-cidr]", "data[use-gzip]"], diagnostics.Keys.Order(StringComparer.Ordinal));
        Assert.All(diagnostics.Values, one => Assert.Contains("settings.yaml", one.Origin, StringComparison.Ordinal));
        Assert.Equal(("ten", "Write a number of bytes, or one with k, m or g, such as \"8m\"; \"0\" for no limit"), Said("data[proxy-body-size]"));
        Assert.Equal(("8", "Write \"proxy-read-timeout\" if that is meant"), Said("data[proxy-raed-timeout]"));
        Assert.Equal(("home", "Write networks such as \"10.0.0.0/8\", separated by commas"), Said("data[proxy-real-ip-cidr]"));
        Assert.Contains("not supported yet", diagnostics["data[use-gzip]"].Problem, StringComparison.Ordinal);

        Configure();
        await ReportedDiagnostic.NoneAsync(fixture.Gateway);

        (string?, string) Said(string field) => (diagnostics[field].Value, diagnostics[field].Remedy);
    }

    [Fact]
    public async Task Without_the_ConfigMap_the_defaults_hold_and_its_absence_is_named()
    {
        Configure(("hsts-max-age", "5"));
        await fixture.BecomesAsync("https://secure.test/", answer => answer["Strict-Transport-Security"] == "max-age=5; includeSubDomains");
        fixture.Folder.Delete("settings.yaml");
        await fixture.BecomesAsync("https://secure.test/", answer => answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains");
        // Told of after it has taken effect.
        var diagnostics = await Eventually.IsAsync(
            () => ReportedDiagnostic.ReadAsync(fixture.Gateway), all => all.Any(one => one.Object == "ConfigMap default/settings"));
        var diagnostic = Assert.Single(diagnostics, one => one.Object == "ConfigMap default/settings");
        Assert.Contains("--configmap", diagnostic.Problem, StringComparison.Ordinal);
        Assert.Contains("does not exist", diagnostic.Problem, StringComparison.Ordinal);
        Assert.Contains("Create it", diagnostic.Remedy, StringComparison.Ordinal);
    }

    private void Configure(params (string Key, string Value)[] data) => fixture.Configure(data);

    private async Task<HttpStatusCode> PostAsync(int bytes)
    {
        using var content = new ByteArrayContent(new byte[bytes]);
        return (await fixture.Client.AskAsync(new HttpRequestMessage(HttpMethod.Post, "http://plain.test/") { Content = content })).Status;
    }

    private async Task TimeoutsAsync(string expected) => await Eventually.IsAsync(
        async () => (await fixture.Gateway.ReadAsync("/api/routes?host=plain.test")).GetProperty("items")[0].GetProperty("timeouts")
            .ToString().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal),
        timeouts => timeouts == expected);

    private async Task<bool> ShakesHandsAsync(SslProtocols version)
    {
        try
        {
            await using var stream = await TlsClient.ShakeHandsAsync(fixture.Gateway.HttpsPort, "secure.test", versions: version);
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return false;
        }
    }

    public sealed class Fixture : GatewayFixture
    {
        protected override string[] Options => ["--configmap", "default/settings"];

        internal void Configure(params (string Key, string Value)[] data) => Folder.Write("settings.yaml", $"""
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: settings
            data:
            {string.Concat(data.Select(entry => $"  {entry.Key}: \"{entry.Value}\"\n"))}
            """);

        protected override async Task WriteAsync()
        {
            await ServeAsync("connection", TestBackend.StartAsync(context => context.Response.WriteAsync(context.Connection.Id)));
            await ServeAsync("slow", TestBackend.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted)));
            Folder.Write("plain.yaml", Yaml.Ingress("plain", "plain.test", "web"));
            Folder.Write("secure.yaml", TlsYaml.Ingress("secure", "secure.test", "secure-tls") + TlsYaml.Secret("secure-tls", new TestAuthority().Issue("secure.test")));
            Folder.Write("connection.yaml", Yaml.Ingress("connection", "connection.test", "connection"));
            Folder.Write("slow.yaml", Yaml.Ingress("slow", "slow.test", "slow"));
            Configure();
        }
    }
}
