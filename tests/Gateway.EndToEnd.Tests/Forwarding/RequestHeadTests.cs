using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>What the upstream gets of the request line and the Host field.</summary>
public sealed class RequestHeadTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task The_target_reaches_the_upstream_byte_for_byte()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        foreach (var target in new[]
        {
            "/", "/a%2Fb", "/a%2fb", "//x", "///", "/a/../b", "/./a//b/", "/a/%2e%2e/b", "/%41", "/a%20b", "/a+b", "/;p=1;q", "/a:b@c", "/ümlaut".Replace("ü", "%c3%bc", StringComparison.Ordinal),
            "/?", "/a?", "/a?b=c&b=d", "/a??b", "/a?b=%2F%zz", "/a?b=//c/../d", "/a?b=c%20d+e", "/a?\"quoted\"", "/a?{b}|c^`d", "/a?[b]", "/a?b\\c", "/~!$&'()*,", "/a'b", "/a//?b",
        })
        {
            await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            Assert.Equal((target, 200), (target, (await client.ReadAnswerAsync()).Status));
            Assert.Equal($"GET {target} HTTP/1.1", (await backend.NextRequestAsync()).StartLine);
        }
    }

    [Fact]
    public async Task A_target_in_absolute_form_reaches_the_upstream_in_origin_form()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        foreach (var (sent, received) in new[] { ("/a%2Fb?c", "/a%2Fb?c"), ("", "/"), ("?a=b", "/?a=b"), ("//x", "//x") })
        {
            await client.SendAsync($"GET http://{host}{sent} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            Assert.Equal((sent, 200), (sent, (await client.ReadAnswerAsync()).Status));
            Assert.Equal($"GET {received} HTTP/1.1", (await backend.NextRequestAsync()).StartLine);
        }
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PURGE")]
    [InlineData("PROPFIND")]
    [InlineData("VERSION-CONTROL")]
    public async Task The_method_is_kept(string method)
    {
        await using var backend = RawBackend.Always("HTTP/1.1 204 No Content\r\n\r\n");
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"{method} /a HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.Equal(204, (await client.ReadAnswerAsync()).Status);
        var received = await backend.NextRequestAsync();
        Assert.Equal($"{method} /a HTTP/1.1", received.StartLine);
        Assert.Null(received["Transfer-Encoding"]);
    }

    [Fact]
    public async Task The_host_is_kept_as_sent_with_its_port()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        foreach (var sent in new[] { host, host + ":8080", host.ToUpperInvariant() + ":80", host + "." })
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: {sent}\r\n\r\n");
            Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
            var received = await backend.NextRequestAsync();
            Assert.Equal(sent, received["Host"]);
            Assert.Equal(sent, received["X-Forwarded-Host"]);
        }
    }

    [Fact]
    public async Task A_connection_carries_requests_for_several_hosts()
    {
        await using var first = RawBackend.Always("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
        await using var second = RawBackend.Always("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
        var (a, b) = (await gateway.ServeAsync(first.Port), await gateway.ServeAsync(second.Port));
        await using var client = await gateway.DialAsync();

        // All at once: the answers come in the order of the requests.
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {a}\r\n\r\nGET / HTTP/1.1\r\nHost: {b}\r\n\r\nGET / HTTP/1.1\r\nHost: {a}\r\n\r\n");

        Assert.Equal("first", (await client.ReadAnswerAsync()).Body);
        Assert.Equal("second", (await client.ReadAnswerAsync()).Body);
        Assert.Equal("first", (await client.ReadAnswerAsync()).Body);
    }
}
