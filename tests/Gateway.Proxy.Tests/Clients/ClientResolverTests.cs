using System.Net;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Clients;
using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Tests.Clients;

public sealed class ClientResolverTests
{
    private static readonly GatewaySettings BehindProxy = new()
    {
        UseForwardedHeaders = true,
        ProxyRealIpCidr = [IPNetwork.Parse("10.0.0.0/8")],
    };

    private static ClientIdentity Resolve(GatewaySettings settings, string peer, params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary { ["Host"] = "shop.test:8080" };
        foreach (var (name, value) in headers)
            dictionary[name] = value;
        return new ClientResolver(settings).Resolve(dictionary, IPAddress.Parse(peer), peer, "http", "8080");
    }

    [Fact]
    public void By_default_a_client_cannot_say_who_it_is()
    {
        var client = Resolve(
            GatewaySettings.Default, "203.0.113.7",
            ("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.test"), ("X-Forwarded-Port", "1"));
        Assert.Equal(new ClientIdentity("203.0.113.7", "203.0.113.7", "http", "shop.test:8080", "8080", Trusted: false), client);
    }

    [Fact]
    public void A_trusted_proxy_is_believed()
    {
        var client = Resolve(
            BehindProxy, "10.0.0.1",
            ("X-Forwarded-For", "198.51.100.2"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "shop.example, x"), ("X-Forwarded-Port", "443"));
        Assert.Equal(new ClientIdentity("198.51.100.2", "198.51.100.2", "https", "shop.example", "443", Trusted: true), client);
    }

    [Theory]
    [InlineData("https", null, "443")] // the port that https has where nobody says another
    [InlineData("https", "8443", "8443")]
    [InlineData("https", "garbage", "443")]
    [InlineData("http", null, "8080")]
    public void The_port_of_a_trusted_proxy_goes_with_its_scheme(string scheme, string? port, string expected) =>
        Assert.Equal(expected, Resolve(BehindProxy, "10.0.0.1", ("X-Forwarded-Proto", scheme), ("X-Forwarded-Port", port ?? "")).Port);

    [Fact]
    public void The_same_headers_from_another_peer_are_not_believed() =>
        Assert.Equal("203.0.113.7", Resolve(BehindProxy, "203.0.113.7", ("X-Forwarded-For", "198.51.100.2"), ("X-Forwarded-Proto", "https")).Address);

    [Theory]
    [InlineData("1.1.1.1, 198.51.100.2, 10.0.0.9", "198.51.100.2")] // what the client itself put first is not reached
    [InlineData("10.0.0.3, 10.0.0.2", "10.0.0.3")] // all trusted: the leftmost
    [InlineData("198.51.100.2:4711", "198.51.100.2")]
    [InlineData("[2001:db8::1]:4711", "2001:db8::1")]
    [InlineData("garbage, 10.0.0.2", "10.0.0.2")]
    [InlineData("garbage", "10.0.0.1")]
    [InlineData("198.51.100.2, ", "198.51.100.2")] // a list may have empty elements (RFC 9110 5.6.1)
    [InlineData(",198.51.100.2,, 10.0.0.9 ,,", "198.51.100.2")]
    [InlineData(", ,", "10.0.0.1")]
    [InlineData("1", "10.0.0.1")]
    [InlineData("1.2", "10.0.0.1")]
    [InlineData("1:80", "10.0.0.1")]
    [InlineData("fe80::1%eth0, 10.0.0.2", "10.0.0.2")]
    [InlineData("[fe80::1%1]:80", "10.0.0.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6")]
    [InlineData("::ffff:198.51.100.2", "198.51.100.2")]
    public void The_client_is_the_first_from_the_right_that_is_no_trusted_proxy(string forwardedFor, string expected) =>
        Assert.Equal(expected, Resolve(BehindProxy, "10.0.0.1", ("X-Forwarded-For", forwardedFor)).Address);

    [Fact]
    public void The_whole_chain_is_passed_on_when_asked_for() =>
        Assert.Equal(
            "1.1.1.1, 198.51.100.2, 10.0.0.1",
            Resolve(BehindProxy with { ComputeFullForwardedFor = true }, "10.0.0.1", ("X-Forwarded-For", "1.1.1.1, 198.51.100.2")).ForwardedFor);

    [Fact]
    public void Enable_real_ip_believes_the_address_only()
    {
        var settings = new GatewaySettings { EnableRealIp = true, ForwardedForHeader = "CF-Connecting-IP", ProxyRealIpCidr = [IPNetwork.Parse("10.0.0.0/8")] };
        var client = Resolve(settings, "10.0.0.1", ("CF-Connecting-IP", "198.51.100.2"), ("X-Forwarded-Proto", "https"));
        Assert.Equal(("198.51.100.2", "http"), (client.Address, client.Scheme));
    }

    [Theory]
    [InlineData("a/b?c")]
    [InlineData("a:b:c")]
    [InlineData("a:99999")]
    [InlineData("[a]")]
    [InlineData("]")]
    [InlineData("a..b")]
    [InlineData(":80")]
    public void A_forwarded_host_that_is_none_is_ignored(string forwardedHost) =>
        Assert.Equal("shop.test:8080", Resolve(BehindProxy, "10.0.0.1", ("X-Forwarded-Host", forwardedHost)).Host);
}
