using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>Which fields pass, in both directions.</summary>
public sealed class FieldTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Request_fields_pass_as_sent()
    {
        var received = await ReceivedAsync(
            """
            Accept: */*
            Accept-Encoding: gzip;q=0.5, br
            Authorization: Basic YTpi
            User-Agent: odd (agent) / 1.0,2
            Referer: not a url
            Via: 1.1 other
            If-Modified-Since: yesterday
            Range: bytes=0-1,5-
            X-Empty:
            X-Latin: caf\u00e9 \u00ff
            X-List: a, b
            traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
            Date: today
            From: nobody
            Sec-Fetch-Mode: cors

            """);

        Assert.Equal("*/*", received["Accept"]);
        Assert.Equal("gzip;q=0.5, br", received["Accept-Encoding"]);
        Assert.Equal("Basic YTpi", received["Authorization"]);
        Assert.Equal("odd (agent) / 1.0,2", received["User-Agent"]);
        Assert.Equal("not a url", received["Referer"]);
        Assert.Equal("1.1 other", received["Via"]);
        Assert.Equal("yesterday", received["If-Modified-Since"]);
        Assert.Equal("bytes=0-1,5-", received["Range"]);
        Assert.Equal("", received["X-Empty"]);
        Assert.Equal("caf\u00e9 \u00ff", received["X-Latin"]);
        Assert.Equal("a, b", received["X-List"]);
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", received["traceparent"]);
        Assert.Equal("today", received["Date"]);
        Assert.Equal("nobody", received["From"]);
        Assert.Equal("cors", received["Sec-Fetch-Mode"]);
    }

    [Fact]
    public async Task Nothing_is_added_but_what_upstreams_are_told_about_the_client()
    {
        var received = await ReceivedAsync("");

        Assert.Equal(
            ["Host", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Real-IP", "X-Request-ID", "X-Scheme"],
            received.Fields.Select(field => field.Name).Order(StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Fields_of_the_client_connection_stay_there()
    {
        var received = await ReceivedAsync(
            """
            Connection: X-Private , close-not, TE
            Connection: x-other
            Keep-Alive: timeout=5
            Proxy-Connection: keep-alive
            TE: trailers
            Trailer: X-Sum
            X-Private: secret
            X-Other: secret
            Proxy: http://evil.test
            HTTP2-Settings: AAAA
            X-Public: yes

            """);

        foreach (var name in new[] { "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "X-Private", "X-Other", "Proxy", "HTTP2-Settings" })
            Assert.Equal((name, []), (name, received.All(name)));
        Assert.Equal("yes", received["X-Public"]);
    }

    [Theory]
    [InlineData("keep-alive, X-Private")]
    [InlineData("X-Private,keep-alive")]
    [InlineData("Keep-Alive,\t x-private ,")]
    [InlineData("keep-alive\r\nConnection: X-Private")]
    [InlineData("X-Private\r\nConnection: keep-alive")]
    [InlineData("TE, X-Private, keep-alive")]
    public async Task A_field_that_is_named_beside_the_usual_options_stays_there_in_every_request_of_a_connection(string connection)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();
        string[] values = [connection, connection, "keep-alive", connection, "X-Private", connection, "X-Public", connection];
        foreach (var value in values)
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: {value}\r\nX-Private: 1\r\nX-Public: 2\r\n\r\n");
            Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
            var received = await backend.NextRequestAsync();
            Assert.Equal((value, value == "keep-alive" || value == "X-Public"), (value, received["X-Private"] == "1"));
            Assert.Equal((value, value != "X-Public"), (value, received["X-Public"] == "2"));
        }
    }

    [Fact]
    public async Task A_field_that_is_named_beside_close_stays_there_too()
    {
        var received = await ReceivedAsync("Connection: close, X-Private\r\nX-Private: 1\r\n");

        Assert.Empty(received.All("X-Private"));
    }

    [Fact]
    public async Task A_client_cannot_have_the_gateway_drop_what_it_tells_upstreams()
    {
        var received = await ReceivedAsync("Connection: X-Forwarded-For, X-Real-IP, Host, X-Request-ID\r\n");

        Assert.Equal("127.0.0.1", received["X-Forwarded-For"]);
        Assert.Equal("127.0.0.1", received["X-Real-IP"]);
        Assert.NotNull(received["Host"]);
        Assert.NotNull(received["X-Request-ID"]);
    }

    [Fact]
    public async Task Repeated_request_fields_keep_all_their_values()
    {
        var received = await ReceivedAsync("Cookie: a=1; b=2\r\nCookie: c=3\r\nX-Many: 1\r\nX-Many: 2\r\n");

        Assert.Equal("a=1; b=2; c=3", string.Join("; ", received.All("Cookie")));
        Assert.Equal("1, 2", string.Join(", ", received.All("X-Many")));
    }

    [Fact]
    public async Task Fields_that_describe_a_body_pass_without_a_body()
    {
        var received = await ReceivedAsync("Content-Type: application/json\r\nContent-Language: de\r\nExpires: 0\r\nAllow: all\r\n");

        Assert.Equal("application/json", received["Content-Type"]);
        Assert.Equal("de", received["Content-Language"]);
        Assert.Equal("0", received["Expires"]);
        Assert.Equal("all", received["Allow"]);
        Assert.Null(received["Transfer-Encoding"]);
        Assert.Contains(received["Content-Length"], new[] { null, "0" });
    }

    [Fact]
    public async Task Answer_fields_pass_as_sent()
    {
        var answer = await AnsweredAsync(
            """
            Content-Type: text/plain
            Content-Encoding: gzip
            Set-Cookie: a=1; Path=/, odd
            Set-Cookie: b=2
            ETag: not quoted
            Last-Modified: yesterday
            Location: http://inside.test:81/x y
            Vary: Accept
            Vary: Cookie
            WWW-Authenticate: Basic realm="a", Digest realm="b"
            Cache-Control: no-cache=x,, max-age=0
            X-Empty:
            X-Latin: caf\u00e9 \u00ff
            Via: 1.1 inside
            Strict-Transport-Security: max-age=1
            Alt-Svc: h3=":443"

            """);

        Assert.Equal("text/plain", answer["Content-Type"]);
        Assert.Equal("gzip", answer["Content-Encoding"]);
        Assert.Equal(["a=1; Path=/, odd", "b=2"], answer.All("Set-Cookie"));
        Assert.Equal("not quoted", answer["ETag"]);
        Assert.Equal("yesterday", answer["Last-Modified"]);
        Assert.Equal("http://inside.test:81/x y", answer["Location"]);
        Assert.Equal(["Accept", "Cookie"], answer.All("Vary"));
        Assert.Equal("Basic realm=\"a\", Digest realm=\"b\"", answer["WWW-Authenticate"]);
        Assert.Equal("no-cache=x,, max-age=0", answer["Cache-Control"]);
        Assert.Equal("", answer["X-Empty"]);
        Assert.Equal("caf\u00e9 \u00ff", answer["X-Latin"]);
        Assert.Equal("1.1 inside", answer["Via"]);
        Assert.Equal("max-age=1", answer["Strict-Transport-Security"]);
        Assert.Equal("h3=\":443\"", answer["Alt-Svc"]);
    }

    [Fact]
    public async Task Fields_of_the_upstream_connection_stay_there()
    {
        var answer = await AnsweredAsync(
            """
            Connection: keep-alive, X-Private
            Keep-Alive: timeout=5
            Proxy-Connection: keep-alive
            Upgrade: h2c
            Trailer: X-Sum
            X-Private: secret
            Server: inside/1.0
            X-Pad: x
            X-Accel-Redirect: /etc/passwd
            X-Accel-Buffering: no
            Date: Thu, 01 Jan 1970 00:00:00 GMT
            X-Public: yes

            """);

        foreach (var name in new[] { "Connection", "Keep-Alive", "Proxy-Connection", "Upgrade", "Trailer", "X-Private", "Server", "X-Pad", "X-Accel-Redirect", "X-Accel-Buffering" })
            Assert.Equal((name, []), (name, answer.All(name)));
        Assert.Equal("yes", answer["X-Public"]);
        Assert.DoesNotContain("1970", answer["Date"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 Fine")]
    [InlineData("HTTP/1.1 404 Not Here")]
    [InlineData("HTTP/1.1 299 Odd")]
    [InlineData("HTTP/1.1 503 Service Unavailable")]
    [InlineData("HTTP/1.1 599 Last")]
    public async Task The_status_line_passes_as_sent(string statusLine)
    {
        Assert.Equal(statusLine, (await AnsweredAsync("", statusLine)).StartLine);
    }

    [Fact]
    public async Task Https_answers_ask_for_https_from_then_on()
    {
        await using var backend = RawBackend.Always("HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\nContent-Length: 0\r\n\r\n");
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialTlsAsync(host);

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.Equal("max-age=31536000; includeSubDomains", (await client.ReadAnswerAsync())["Strict-Transport-Security"]);
    }

    private async Task<RawMessage> ReceivedAsync(string fields)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n{Wire(fields)}\r\n");
        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
        return await backend.NextRequestAsync();
    }

    private async Task<RawMessage> AnsweredAsync(string fields, string statusLine = "HTTP/1.1 200 OK")
    {
        await using var backend = RawBackend.Always($"{statusLine}\r\nContent-Length: 2\r\n{Wire(fields)}\r\nok");
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        var answer = await client.ReadAnswerAsync();
        Assert.Equal("ok", answer.Body);
        return answer;
    }

    private static string Wire(string fields) => fields.ReplaceLineEndings("\r\n").Replace("\\u00e9", "\u00e9", StringComparison.Ordinal).Replace("\\u00ff", "\u00ff", StringComparison.Ordinal);
}
