using Gateway.Proxy.Tests.Http2;
using Gateway.Proxy.Tests.Listeners;

namespace Gateway.Proxy.Tests.Validation;

/// <summary>HTTP/2 requests as frames, on a real socket: what is refused, and what is not.</summary>
public sealed class Http2ValidationTests : IAsyncLifetime
{
    private const uint ProtocolError = 1;
    private const uint CompressionError = 9;

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ValidatingServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("connection", "close")]
    [InlineData("keep-alive", "timeout=5")]
    [InlineData("proxy-connection", "keep-alive")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("upgrade", "websocket")]
    [InlineData("te", "gzip")]
    [InlineData("te", "trailers, gzip")]
    [InlineData("x y", "z")]
    [InlineData("x:y", "z")]
    [InlineData("x\r\ny", "z")]
    [InlineData("x(", "z")]
    [InlineData("x\u00e9", "z")]
    [InlineData("", "z")]
    [InlineData("Upper", "z")]
    [InlineData("x", "a\u0001b")]
    [InlineData("x", "a\u007fb")]
    [InlineData("x", "a\r\nb")]
    [InlineData("x", "a\0b")]
    [InlineData("content-length", "x")]
    [InlineData("content-length", "-1")]
    [InlineData("content-length", "+0")]
    [InlineData("content-length", "99999999999999999999999")]
    [InlineData("host", "b")]
    [InlineData("host", "a:8080")]
    [InlineData("host", "a:443")]
    public async Task A_field_that_HTTP_2_forbids_is_refused(string name, string value)
    {
        using var client = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);

        await AssertRefusedAsync(client, [.. RawHttp2Client.Get("a"), (name, value)]);
    }

    [Theory]
    [InlineData("GET", "/a b")]
    [InlineData("GET", "/a\tb")]
    [InlineData("GET", "/a\u0001b")]
    [InlineData("GET", "/a\u007fb")]
    [InlineData("GET", "/a#b")]
    [InlineData("GET", "/a?b c")]
    [InlineData("GET", "/%zz")]
    [InlineData("GET", "/\u00e9")]
    [InlineData("GET", "a")]
    [InlineData("GET", "*")]
    [InlineData("GET", "http://a/")]
    [InlineData("get", "/")]
    [InlineData("G T", "/")]
    [InlineData("TRACE", "/")]
    public async Task A_method_or_path_that_is_none_is_refused(string method, string path)
    {
        using var client = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);

        await AssertRefusedAsync(client, [(":method", method), (":scheme", "http"), (":path", path), (":authority", "a")]);
    }

    [Fact]
    public async Task A_request_that_names_no_host_is_refused()
    {
        using var client = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);

        Assert.Equal(400, (await client.RequestAsync((":method", "GET"), (":scheme", "http"), (":path", "/"))).Status);
        Assert.Equal(400, (await client.RequestAsync((":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", ""))).Status);
        Assert.Equal(400, (await client.RequestAsync(RawHttp2Client.Get(""))).Status);
    }

    [Fact]
    public async Task A_tunnel_is_refused_but_a_WebSocket_passes()
    {
        using var client = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);

        Assert.Equal(405, (await client.RequestAsync((":method", "CONNECT"), (":authority", "a:80"))).Status);
        Assert.Equal(405, (await client.RequestAsync([.. Connect("connect-udp")])).Status);
        Assert.Equal(200, (await client.RequestAsync([.. Connect("websocket")])).Status);

        static (string, string)[] Connect(string protocol) =>
            [(":method", "CONNECT"), (":protocol", protocol), (":scheme", "http"), (":path", "/"), (":authority", "a")];
    }

    [Theory]
    [InlineData("te", "trailers")]
    [InlineData("host", "a")]
    [InlineData("host", "A:80")]
    [InlineData("x-anything", "a\tb \u00e9\u00ff")]
    public async Task A_field_without_fault_passes(string name, string value)
    {
        using var client = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);

        var answer = await client.RequestAsync([.. RawHttp2Client.Get("a"), (name, value)]);

        Assert.Equal((200, "a/"), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Options_about_the_gateway_itself_is_told_apart()
    {
        using var client = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);

        Assert.Equal("gateway", (await client.RequestAsync((":method", "OPTIONS"), (":scheme", "http"), (":path", "*"), (":authority", "a"))).Body);
    }

    [Fact]
    public async Task A_host_field_takes_the_place_of_a_missing_authority()
    {
        using var client = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);

        Assert.Equal("b/", (await client.RequestAsync((":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", "b"))).Body);
    }

    [Fact]
    public async Task Requests_for_several_authorities_share_a_connection()
    {
        using var client = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);

        for (var i = 0; i < 20; i++)
        {
            var name = i % 3 == 0 ? "a" : "b";
            Assert.Equal(name + "/", (await client.RequestAsync([.. RawHttp2Client.Get(name), ("host", name)])).Body);
        }
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public async Task An_authority_and_a_host_that_differ_are_refused_whatever_came_before(string authority, string host)
    {
        using var client = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);
        // The server keeps the strings of finished requests and compares new ones with them.
        for (var i = 0; i < 10; i++)
        {
            await client.RequestAsync(RawHttp2Client.Get("a"));
            await client.RequestAsync([.. RawHttp2Client.Get("b"), ("host", "b")]);
            await client.RequestAsync(RawHttp2Client.Get("b"));
        }

        await client.SendHeadersAsync([.. RawHttp2Client.Get(authority), ("host", host)], endStream: true);

        Assert.Equal(ProtocolError, await client.ReadGoAwayAsync());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(40)]
    public async Task An_authority_and_a_host_in_different_frames_are_compared(int fragments)
    {
        using var client = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);

        await client.SendHeadersAsync([.. RawHttp2Client.Get("a"), ("host", "b")], endStream: true, fragments);

        Assert.Equal(ProtocolError, await client.ReadGoAwayAsync());
    }

    [Fact]
    public async Task Over_TLS_the_same_holds_with_the_port_of_https()
    {
        using var client = await RawHttp2Client.ConnectTlsAsync(_server.TlsEndPoint, "a");

        Assert.Equal(200, (await client.RequestAsync([.. RawHttp2Client.Get("a", scheme: "https"), ("host", "a:443")])).Status);
        Assert.Equal(400, (await client.RequestAsync([.. RawHttp2Client.Get("a", "/a#b", "https")])).Status);
        await client.SendHeadersAsync([.. RawHttp2Client.Get("a", scheme: "https"), ("host", "a:80")], endStream: true);
        Assert.Equal(ProtocolError, await client.ReadGoAwayAsync());
    }

    [Fact]
    public async Task A_scheme_that_is_not_the_connections_is_refused()
    {
        using var client = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);

        await AssertRefusedAsync(client, RawHttp2Client.Get("a", scheme: "https"));
    }

    /// <summary>By a 4xx answer, by a reset of the stream, or by the end of the connection.</summary>
    private static async Task AssertRefusedAsync(RawHttp2Client client, (string, string)[] fields)
    {
        var answer = await client.RequestAsync(fields);
        Assert.True(answer.Status is 400 or 405 || answer.Reset is ProtocolError || client.GoAway is ProtocolError or CompressionError, $"{answer.Status}, {answer.Reset}, {client.GoAway}");
    }
}
