using Gateway.Proxy.Tests.Listeners;

namespace Gateway.Proxy.Tests.Validation;

/// <summary>HTTP/1 requests as bytes, on a real socket: what is refused, and what is not.</summary>
public sealed class Http1ValidationTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ValidatingServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    // Two readings of where the body ends (RFC 9112 6.1, 6.3).
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\ncontent-length: 0\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked, chunked\r\n\r\n0\r\n\r\n", 501)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -0\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3 0\r\n\r\nabc", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999999999\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999999999999999999999999\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400)]
    // Two readings of where a line ends (RFC 9112 2.2).
    [InlineData("GET / HTTP/1.1\nHost: a\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: 1\n\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r2\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n", 400)]
    // Fields (RFC 9110 5.1, 5.5).
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: a\u0001b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: a\u001fb\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: a\u007fb\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: a\u001b[31m\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX\"Y: b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX\u00e9: b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400)]
    // Targets (RFC 9112 3.2).
    [InlineData("GET /a\u0001b HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /a\u007fb HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /a?b\u0001 HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /a?b\u007f HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /a?b#c HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /?\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /a% HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /a%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /%41%4?a HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 405)]
    [InlineData("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 405)]
    [InlineData("GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET http://a\\@b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET http://a\\b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET http://a/%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    // Methods (RFC 9110 9.1).
    [InlineData("get / HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("Get / HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405)]
    [InlineData("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 405)]
    // Hosts (RFC 9112 3.2).
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 400)]
    [InlineData("GET http://a/ HTTP/1.0\r\n\r\n", 400)]
    // Kestrel renames a Content-Length beside Transfer-Encoding, to a name that is taken here.
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX-Content-Length: 3\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX-Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nX-Content-Length: 3\r\n\r\n0\r\n\r\n", 400)]
    public async Task A_request_that_could_be_read_in_two_ways_is_refused_and_the_connection_closed(string request, int status)
    {
        using var client = await RawClient.ConnectAsync(_server.PlainEndPoint);

        await client.SendAsync(request);

        Assert.Equal(status, (await client.ReadAnswerAsync())?.Status);
        Assert.True(await client.ClosesAsync());
    }

    [Theory]
    [InlineData("GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n", "a/a?b=c")]
    [InlineData("GET /a?q=100%&r=%zz HTTP/1.1\r\nHost: a\r\n\r\n", "a/a?q=100%&r=%zz")]
    [InlineData("GET /%2F%e9/..;/{|}^\"<> HTTP/1.1\r\nHost: a\r\n\r\n", "a/%2F%e9/..;/{|}^\"<>")]
    [InlineData("GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n", "ahttp://a/b")]
    [InlineData("GET http://a:80?b HTTP/1.1\r\nHost: a\r\n\r\n", "ahttp://a:80?b")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "gateway")]
    [InlineData("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", "a/")]
    [InlineData("M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n", "a/")]
    [InlineData("BASELINE_CONTROL / HTTP/1.1\r\nHost: a\r\n\r\n", "a/")]
    [InlineData("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "[::1]:8080/")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: \ta\tb \u00e9\u00ff\r\n\r\n", "a/")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", "a/")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \t chunked \t\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "a/")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX-Content-Length: 3\r\n\r\n0\r\n\r\n", "a/")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nX-Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "a/")]
    public async Task A_request_without_fault_passes_and_the_connection_lives_on(string request, string answer)
    {
        using var client = await RawClient.ConnectAsync(_server.PlainEndPoint);

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync(request);
            Assert.Equal(answer, (await client.ReadAnswerAsync())?.Body);
        }
    }

    [Fact]
    public async Task A_length_given_three_times_is_refused_after_a_request_with_the_same_coding()
    {
        using var client = await RawClient.ConnectAsync(_server.PlainEndPoint);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        Assert.Equal(200, (await client.ReadAnswerAsync())?.Status);

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX-Content-Length: 3\r\nContent-Length: 3\r\n\r\n0\r\n\r\n");

        Assert.Equal(400, (await client.ReadAnswerAsync())?.Status);
        Assert.True(await client.ClosesAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "/")]
    [InlineData("GET / HTTP/1.0\r\nHost:\r\n\r\n", "/")]
    [InlineData("GET / HTTP/1.0\r\nHost: a\r\n\r\n", "a/")]
    public async Task An_HTTP_1_0_request_needs_no_host(string request, string answer)
    {
        using var client = await RawClient.ConnectAsync(_server.PlainEndPoint);

        await client.SendAsync(request);

        Assert.Equal(answer, (await client.ReadAnswerAsync())?.Body);
    }

    [Theory]
    [InlineData("GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 200)]
    [InlineData("GET https://a:443/ HTTP/1.1\r\nHost: a\r\n\r\n", 200)]
    [InlineData("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    public async Task The_scheme_of_a_target_is_that_of_the_connection(string request, int status)
    {
        using var client = await RawClient.ConnectTlsAsync(_server.TlsEndPoint, "a");

        await client.SendAsync(request);

        Assert.Equal(status, (await client.ReadAnswerAsync())?.Status);
    }
}
