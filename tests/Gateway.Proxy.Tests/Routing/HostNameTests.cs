using Gateway.Proxy.Routing;

namespace Gateway.Proxy.Tests.Routing;

public sealed class HostNameTests
{
    [Theory]
    [InlineData("foo.com", "foo.com")]
    [InlineData("FOO.com", "FOO.com")]
    [InlineData("foo.com.", "foo.com")]
    [InlineData("foo.com:80", "foo.com")]
    [InlineData("foo.com.:8443", "foo.com")]
    [InlineData("foo.com:", "foo.com")]
    [InlineData("localhost", "localhost")]
    [InlineData("a_b.foo.com", "a_b.foo.com")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    [InlineData("10.0.0.1:80", "10.0.0.1")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("[::1]:80", "[::1]")]
    [InlineData("[2001:db8::10.0.0.1]:80", "[2001:db8::10.0.0.1]")]
    public void The_host_is_what_stands_before_port_and_trailing_dot(string authority, string expected)
    {
        Assert.True(HostName.TryParse(authority, out var host));
        Assert.Equal(expected, host.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("foo.com..")]
    [InlineData("foo..com")]
    [InlineData(".foo.com")]
    [InlineData("foo.com:http")]
    [InlineData("foo.com:80:80")]
    [InlineData("foo.com:-1")]
    [InlineData("foo.com:+1")]
    [InlineData("foo.com: 80")]
    [InlineData("foo.com:65536")]
    [InlineData("foo com")]
    [InlineData("foo.com/")]
    [InlineData("foo.com\t")]
    [InlineData("foo\0.com")]
    [InlineData("user@foo.com")]
    [InlineData("foo#.com")]
    [InlineData("fóo.com")]
    [InlineData("[::1")]
    [InlineData("::1")]
    [InlineData("[]")]
    [InlineData("[]:80")]
    [InlineData("[10.0.0.1]")]
    [InlineData("[::g]")]
    [InlineData("[[::1]]")]
    [InlineData("[fe80::1%eth0]")]
    [InlineData("[::1]80")]
    [InlineData("[::1].")]
    public void What_names_no_host_is_refused(string authority) => Assert.False(HostName.TryParse(authority, out _));

    [Fact]
    public void Reading_a_host_costs_no_memory()
    {
        Assert.Equal(0, Allocations.Of(() => Assert.True(HostName.TryParse("foo.com.:80", out _))));
        Assert.Equal(0, Allocations.Of(() => Assert.True(HostName.TryParse("[::1]:80", out _))));
    }
}
