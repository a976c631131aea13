using System.Security.Authentication;
using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Tests.Http2;
using Gateway.Proxy.Tests.Listeners;
using Gateway.Proxy.Tls;

namespace Gateway.Proxy.Tests.Tls;

public sealed class TlsHandshakeTests : IAsyncLifetime
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

    private readonly RecordedLogs _logs = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(
        features => features.AnswerAsync(features.Get<TlsPolicyFeature>()?.Policy.ToString() ?? ""), loggers: _logs);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_gets_its_certificate_and_chain_in_both_versions(bool rsa)
    {
        _server.Certificates.Publish(new HostCertificate("a.test", TestCertificate.Create("a.test", rsa), TlsPolicy.Default));

        foreach (var version in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            var handshake = await Handshake.WithAsync(_server.TlsEndPoint, "a.test", version);
            Assert.Equal(("CN=a.test", "h2", version), (handshake.Certificate, handshake.Protocol, handshake.Version));
            Assert.Equal(["CN=Authority of a.test"], handshake.Intermediates);
        }
    }

    [Theory]
    [InlineData("xn--bcher-kva.test", "xn--bcher-kva.test")]
    [InlineData("XN--BCHER-KVA.test", "xn--bcher-kva.test")]
    [InlineData("a.xn--bcher-kva.test", "*.xn--bcher-kva.test")]
    [InlineData("xn--bcher-kva.plain.test", "*.plain.test")]
    [InlineData("xn--a.xn--bcher-kva.test", "*.xn--bcher-kva.test")] // no punycode in the first label
    [InlineData("xn--a.test", "xn--a.test")]
    public async Task An_international_name_gets_its_certificate(string name, string host)
    {
        _server.Certificates.Publish(new HostCertificate(host, TestCertificate.Create(host), TlsPolicy.Default));

        Assert.Equal($"CN={host}", (await Handshake.WithAsync(_server.TlsEndPoint, name)).Certificate);
    }

    [Fact]
    public async Task An_international_name_that_is_taken_out_has_no_certificate_any_more()
    {
        _server.Certificates.Publish(new HostCertificate("xn--bcher-kva.test", TestCertificate.Create("xn--bcher-kva.test"), TlsPolicy.Default));
        Assert.Single(_server.Certificates.Hosts);
        _server.Certificates.Remove("xn--bcher-kva.test");

        Assert.Contains("Gateway Fake Certificate", (await Handshake.WithAsync(_server.TlsEndPoint, "xn--bcher-kva.test")).Certificate, StringComparison.Ordinal);
        Assert.Empty(_server.Certificates.Hosts);
    }

    [Theory]
    [InlineData("unknown.test")]
    [InlineData(null)]
    public async Task A_name_without_a_certificate_gets_the_gateways_own(string? name)
    {
        _server.Certificates.Publish(new HostCertificate("a.test", TestCertificate.Create("a.test"), TlsPolicy.Default));

        Assert.Contains("Gateway Fake Certificate", (await Handshake.WithAsync(_server.TlsEndPoint, name)).Certificate, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_changes_without_dropping_a_connection()
    {
        _server.Certificates.Publish(new HostCertificate("a.test", TestCertificate.Create("old.test"), TlsPolicy.Default));
        using var http1 = await RawClient.ConnectTlsAsync(_server.TlsEndPoint, "a.test");
        using var http2 = await RawHttp2Client.ConnectTlsAsync(_server.TlsEndPoint, "a.test");
        await http1.SendAsync(Get);
        Assert.Equal(200, (await http1.ReadAnswerAsync())?.Status);

        _server.Certificates.Publish(new HostCertificate("a.test", TestCertificate.Create("new.test"), TlsPolicy.Default));

        Assert.Equal("CN=new.test", (await Handshake.WithAsync(_server.TlsEndPoint, "a.test")).Certificate);
        await http1.SendAsync(Get);
        Assert.Equal(200, (await http1.ReadAnswerAsync())?.Status);
        Assert.Equal(200, (await http2.RequestAsync(RawHttp2Client.Get("a.test", scheme: "https"))).Status);
    }

    [Fact]
    public async Task Requests_know_the_policy_that_their_connection_was_opened_under()
    {
        var policy = new TlsPolicy(TlsVersions.Tls13, "ca");
        _server.Certificates.Publish(new HostCertificate("a.test", null, policy));
        using var http1 = await RawClient.ConnectTlsAsync(_server.TlsEndPoint, "a.test");
        using var http2 = await RawHttp2Client.ConnectTlsAsync(_server.TlsEndPoint, "other.test");
        using var plain = await RawClient.ConnectAsync(_server.PlainEndPoint);

        await http1.SendAsync(Get);
        await plain.SendAsync(Get);

        Assert.Equal(policy.ToString(), (await http1.ReadAnswerAsync())!.Body);
        Assert.Equal(TlsPolicy.Default.ToString(), (await http2.RequestAsync(RawHttp2Client.Get("a.test", scheme: "https"))).Body);
        Assert.Equal("", (await plain.ReadAnswerAsync())!.Body);
    }

    [Fact]
    public async Task The_gateways_versions_bound_those_of_a_host()
    {
        _server.Certificates.Publish(new HostCertificate("new.test", null, new TlsPolicy(TlsVersions.Tls13)));
        await AssertFailsAsync("new.test", SslProtocols.Tls12);
        Assert.Equal(SslProtocols.Tls12, (await Handshake.WithAsync(_server.TlsEndPoint, "a.test", SslProtocols.Tls12)).Version);

        _server.Certificates.Apply(GatewaySettings.Default with { SslProtocols = TlsVersions.Tls12 });

        await AssertFailsAsync("a.test", SslProtocols.Tls13);
        Assert.Equal(SslProtocols.Tls12, (await Handshake.WithAsync(_server.TlsEndPoint, "a.test")).Version);
        Assert.Empty(_logs.Entries);
    }

    [Fact]
    public async Task HTTP_2_can_be_turned_off()
    {
        _server.Certificates.Publish(new HostCertificate("a.test", null, TlsPolicy.Default));

        _server.Certificates.Apply(GatewaySettings.Default with { UseHttp2 = false });

        Assert.Equal("http/1.1", (await Handshake.WithAsync(_server.TlsEndPoint, "a.test")).Protocol);
        Assert.Equal("http/1.1", (await Handshake.WithAsync(_server.TlsEndPoint, "unknown.test")).Protocol);
    }

    [Fact]
    public async Task Handshakes_for_unknown_names_can_be_refused()
    {
        _server.Certificates.Publish(new HostCertificate("a.test", null, TlsPolicy.Default));

        _server.Certificates.Apply(GatewaySettings.Default with { SslRejectHandshake = true });

        await AssertFailsAsync("unknown.test");
        await AssertFailsAsync(null);
        Assert.Contains("Fake", (await Handshake.WithAsync(_server.TlsEndPoint, "a.test")).Certificate, StringComparison.Ordinal);
        Assert.Empty(_logs.Entries);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\0\u0005\u0001\0\0\u0001\0")]
    [InlineData("\u0015\u0003\u0001\0\u0002\u0002\0")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0")]
    public async Task What_is_no_handshake_closes_the_connection_and_makes_no_noise(string bytes)
    {
        using var client = await RawClient.ConnectAsync(_server.TlsEndPoint);

        await client.SendAsync(bytes);

        await client.ReadToEndAsync();
        await Eventually.IsAsync(0, () => _server.Status(TestServer.Tls).CurrentConnections);
        Assert.Empty(_logs.Entries);
    }

    [Fact]
    public async Task A_client_that_leaves_within_the_handshake_makes_no_noise()
    {
        for (var i = 0; i < 20; i++)
        {
            var client = await RawClient.ConnectAsync(_server.TlsEndPoint);
            await client.SendAsync("\u0016\u0003\u0001\u0002\0\u0001");
            if (i % 2 == 0)
                client.Dispose();
            else
                client.Reset();
        }

        await Eventually.IsAsync((0, 20L), () => (_server.Status(TestServer.Tls).CurrentConnections, _server.Status(TestServer.Tls).TotalConnections));
        Assert.Empty(_logs.Entries);
    }

    private async Task AssertFailsAsync(string? name, SslProtocols versions = SslProtocols.None) =>
        Assert.True(await Record.ExceptionAsync(() => Handshake.WithAsync(_server.TlsEndPoint, name, versions)) is AuthenticationException or IOException);
}
