using Gateway.Proxy.Forwarding;
using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Tests.Forwarding;

public sealed class UpstreamHeadersTests
{
    [Theory]
    [InlineData("Accept-Encoding", true)]
    [InlineData("Authorization", true)]
    [InlineData("Cookie", true)]
    [InlineData("Sec-WebSocket-Key", true)]
    [InlineData("connection", false)]
    [InlineData("Keep-Alive", false)]
    [InlineData("Proxy-Connection", false)]
    [InlineData("Transfer-Encoding", false)]
    [InlineData("Expect", false)]
    [InlineData("X-Content-Length", false)]
    [InlineData("Proxy", false)]
    [InlineData("X-Real-IP", false)]
    [InlineData("x-forwarded-for", false)]
    [InlineData("X-Forwarded-Prefix", false)]
    [InlineData("X-Original-URI", false)]
    [InlineData("X-Auth-Request-User", false)]
    [InlineData("Forwarded", false)]
    [InlineData("ssl-client-verify", false)]
    [InlineData("X_Forwarded_For", false)]
    [InlineData("X_Custom", false)]
    public void An_untrusted_client_passes_its_own_fields_but_none_that_upstreams_believe(string name, bool passes) =>
        Assert.Equal(passes, UpstreamHeaders.PassToUpstream(name, trusted: false, underscores: false));

    [Theory]
    [InlineData("X-Forwarded-Prefix", true)]
    [InlineData("X-Auth-Request-User", true)]
    [InlineData("Forwarded", true)]
    [InlineData("X-Forwarded-For", false)] // written by the gateway in any case
    [InlineData("X_Custom", false)]
    public void A_trusted_proxy_passes_more(string name, bool passes) =>
        Assert.Equal(passes, UpstreamHeaders.PassToUpstream(name, trusted: true, underscores: false));

    [Fact]
    public void Underscores_pass_when_allowed() => Assert.True(UpstreamHeaders.PassToUpstream("X_Custom", trusted: false, underscores: true));

    [Theory]
    [InlineData("Connection", false)]
    [InlineData("TE", false)]
    [InlineData("http2-settings", false)]
    [InlineData("X-Accel-Redirect", false)]
    [InlineData("Set-Cookie", true)]
    [InlineData("ETag", true)]
    public void A_field_of_the_upstreams_connection_does_not_pass_to_the_client(string name, bool passes) =>
        Assert.Equal(passes, UpstreamHeaders.PassToClient(name));

    [Theory]
    [InlineData("X-Sum", "42", true)]
    [InlineData("X-Sum", "a\tb \u00e9", true)]
    [InlineData("X-Sum", "a\u0001b", false)]
    [InlineData("X-Sum", "a\u007fb", false)]
    [InlineData("Content-Length", "42", false)]
    [InlineData("Connection", "close", false)]
    public void A_trailer_passes_that_clients_may_get(string name, string value, bool passes)
    {
        Assert.Equal(passes, UpstreamHeaders.PassAsTrailer(name, value));
        Assert.Equal(passes, UpstreamHeaders.PassAsTrailer(name, new[] { "1", value }));
    }

    [Theory]
    [InlineData("keep-alive, X-Secret", "x-secret", true)]
    [InlineData("X-Secret", "X-Secret", true)]
    [InlineData("X-Secrets", "X-Secret", false)]
    public void A_field_that_connection_names_belongs_to_this_connection_only(string connection, string name, bool named)
    {
        Assert.True(UpstreamHeaders.NamesFields(connection));
        Assert.Equal(named, UpstreamHeaders.IsNamed(connection, name));
    }

    [Theory]
    [InlineData("keep-alive")]
    [InlineData("close")]
    [InlineData("Upgrade")]
    public void The_usual_options_name_no_field(string connection) => Assert.False(UpstreamHeaders.NamesFields(connection));

    [Fact]
    public void An_upgrade_needs_both_fields()
    {
        Assert.Equal("foo", UpstreamHeaders.RequestedUpgrade(new HeaderDictionary { ["Upgrade"] = "foo", ["Connection"] = "keep-alive, Upgrade" }));
        Assert.Null(UpstreamHeaders.RequestedUpgrade(new HeaderDictionary { ["Upgrade"] = "foo", ["Connection"] = "keep-alive" }));
        Assert.Null(UpstreamHeaders.RequestedUpgrade(new HeaderDictionary { ["Connection"] = "Upgrade" }));
    }
}
