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
    [InlineData("a.-b")]
    [InlineData("1._b")]
    [InlineData("a'b")]
    [InlineData("a!b")]
    [InlineData("a~b")]
    [InlineData("a%62")]
    [InlineData("*.foo.com")]
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
    public void A_name_is_as_long_as_dns_allows()
    {
        var longest = string.Concat(Enumerable.Repeat("a.", 126)) + "a";
        Assert.Equal(253, longest.Length);
        Assert.True(HostName.TryParse(longest, out _));
        Assert.True(HostName.TryParse($"{longest}.:80", out _));
        Assert.False(HostName.TryParse($"{longest}a", out _));
        Assert.False(HostName.TryParse(new string('a', 300), out _));
    }

    [Fact]
    public void What_passes_the_http_client_takes_for_a_host_too()
    {
        // To any other it would add a Host field of its own.
        const string characters = "a1.-_:[]!'~%*,;=$&()+@/ ";
        var texts = characters.SelectMany(a => characters.SelectMany(b => characters.SelectMany(c => new[] { $"{a}", $"{a}{b}", $"{a}{b}{c}", $"x{a}{b}.{c}x:80" })));
        foreach (var authority in texts.Append("[::1]:80").Append(string.Join('.', Enumerable.Repeat("a", 127))).Where(text => HostName.TryParse(text, out _)))
        {
            using var request = new HttpRequestMessage();
            request.Headers.TryAddWithoutValidation("Host", authority);
            Assert.Equal(authority, request.Headers.Host);
        }
    }

    [Fact]
    public void Reading_a_host_costs_no_memory()
    {
        Assert.Equal(0, Allocations.Of(() => Assert.True(HostName.TryParse("foo.com.:80", out _))));
        Assert.Equal(0, Allocations.Of(() => Assert.True(HostName.TryParse("[::1]:80", out _))));
    }
}
