using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>What upstreams are told behind a proxy that is trusted, and a Service that maps port 80.</summary>
public sealed class TrustedProxyTests(TrustedProxyTests.Trusting gateway) : IClassFixture<TrustedProxyTests.Trusting>
{
    [Fact]
    public async Task A_trusted_proxy_is_believed()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync(
            $"""
            GET /a?b HTTP/1.1
            Host: {host}
            X-Forwarded-For: 6.6.6.6, 203.0.113.9, 127.0.0.2
            X-Forwarded-Host: shop.test:8443, {host}
            X-Forwarded-Port: 8443
            X-Forwarded-Proto: https
            X-Forwarded-Prefix: /shop
            Forwarded: for=203.0.113.9


            """.ReplaceLineEndings("\r\n"));
        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
        var received = await backend.NextRequestAsync();

        Assert.Equal("shop.test:8443", received["Host"]);
        Assert.Equal("203.0.113.9", received["X-Real-IP"]);
        Assert.Equal("203.0.113.9", received["X-Forwarded-For"]);
        Assert.Equal("shop.test:8443", received["X-Forwarded-Host"]);
        Assert.Equal("8443", received["X-Forwarded-Port"]);
        Assert.Equal("https", received["X-Forwarded-Proto"]);
        Assert.Equal("https", received["X-Scheme"]);
        Assert.Equal("/shop", received["X-Forwarded-Prefix"]);
        Assert.Equal("for=203.0.113.9", received["Forwarded"]);
        Assert.Equal("6.6.6.6, 203.0.113.9, 127.0.0.2", received["X-Original-Forwarded-For"]);
        Assert.Equal("/a?b", received["X-Original-URI"]);
    }

    [Fact]
    public async Task Upstreams_are_told_the_public_port()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        await client.ReadAnswerAsync();

        Assert.Equal("80", (await backend.NextRequestAsync())["X-Forwarded-Port"]);
    }

    [Fact]
    public async Task Underscores_pass_when_they_are_enabled()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nclient_id: 7\r\n\r\n");
        await client.ReadAnswerAsync();

        Assert.Equal("7", (await backend.NextRequestAsync())["client_id"]);
    }

    /// <summary>Trusts loopback.</summary>
    public sealed class Trusting : SharedGateway
    {
        protected override string Settings =>
            "{use-forwarded-headers: \"true\", proxy-real-ip-cidr: \"127.0.0.0/8\", proxy-add-original-uri-header: \"true\", enable-underscores-in-headers: \"true\"}";

        protected override string[] Arguments => ["--public-http-port", "80"];
    }
}
