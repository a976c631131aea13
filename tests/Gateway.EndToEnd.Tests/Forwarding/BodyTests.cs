using System.Security.Cryptography;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>Bodies in both directions: framing, size, and what has none.</summary>
public sealed class BodyTests(BodyTests.Unlimited gateway) : IClassFixture<BodyTests.Unlimited>
{
    private const int Megabyte = 1 << 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_with_a_length_keeps_it()
    {
        var received = await ReceivedAsync("POST / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello");

        Assert.Equal("hello", received.Body);
        Assert.Equal("5", received["Content-Length"]);
        Assert.Null(received["Transfer-Encoding"]);
        Assert.Equal("text/plain", received["Content-Type"]);
    }

    [Fact]
    public async Task A_chunked_body_stays_chunked()
    {
        var received = await ReceivedAsync(
            "POST / HTTP/1.1\r\nHost: {0}\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: t\r\n\r\n");

        Assert.Equal("hello", received.Body);
        Assert.Equal("chunked", received["Transfer-Encoding"]);
        Assert.Null(received["Content-Length"]);
    }

    [Theory]
    [InlineData("POST", "Content-Length: 0\r\n", "")]
    [InlineData("POST", "", "")]
    [InlineData("DELETE", "", "")]
    [InlineData("POST", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n")]
    public async Task An_empty_body_stays_empty_under_one_framing_field(string method, string field, string body)
    {
        var received = await ReceivedAsync($"{method} / HTTP/1.1\r\nHost: {{0}}\r\n{field}\r\n{body}");

        Assert.Equal("", received.Body);
        Assert.True(received.All("Content-Length").Length + received.All("Transfer-Encoding").Length <= 1);
    }

    [Fact]
    public async Task A_GET_may_have_a_body()
    {
        Assert.Equal("query", (await ReceivedAsync("GET / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 5\r\n\r\nquery")).Body);
    }

    [Fact]
    public async Task A_client_that_expects_100_gets_it_before_it_sends_the_body()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await client.ReadHeadAsync()).Status);
        await client.SendAsync("hello");

        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
        var received = await backend.NextRequestAsync();
        Assert.Equal("hello", received.Body);
        Assert.Null(received["Expect"]);
    }

    [Fact]
    public async Task Large_bodies_pass_in_both_directions()
    {
        var sent = RandomNumberGenerator.GetBytes(20 * Megabyte);
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            var hash = await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted);
            context.Response.Headers["X-Hash"] = Convert.ToHexString(hash);
            await context.Response.Body.WriteAsync(sent, context.RequestAborted);
        });
        var host = await gateway.ServeAsync(backend.Port);

        foreach (var content in new HttpContent[] { new ByteArrayContent(sent), new StreamContent(new ForwardOnlyStream(sent)) })
        {
            using var request = Requests.Create("POST", $"http://{host}/", content: content);
            using var answer = await gateway.Client.SendAsync(request, Cancellation);

            Assert.Equal(Convert.ToHexString(SHA256.HashData(sent)), answer.Headers.GetValues("X-Hash").Single());
            Assert.Equal(SHA256.HashData(sent), SHA256.HashData(await answer.Content.ReadAsByteArrayAsync(Cancellation)));
        }
    }

    [Fact]
    public async Task The_answer_to_HEAD_keeps_its_length_and_has_no_body()
    {
        await using var backend = RawBackend.Always("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nContent-Type: text/plain\r\n\r\n");
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync($"HEAD / HTTP/1.1\r\nHost: {host}\r\n\r\n");
            var answer = await client.ReadAnswerAsync(bodiless: true);
            Assert.Equal("1234", answer["Content-Length"]);
            Assert.Equal("text/plain", answer["Content-Type"]);
        }
    }

    [Theory]
    [InlineData("204 No Content", "", null)]
    [InlineData("304 Not Modified", "ETag: \"a\"\r\n", null)]
    [InlineData("304 Not Modified", "Content-Length: 1234\r\n", "1234")]
    [InlineData("205 Reset Content", "Content-Length: 0\r\n", "0")]
    [InlineData("200 OK", "Content-Length: 0\r\n", "0")]
    [InlineData("404 Not Found", "Content-Length: 0\r\n", "0")]
    public async Task Answers_without_a_body_have_none(string status, string fields, string? length)
    {
        await using var backend = RawBackend.Always($"HTTP/1.1 {status}\r\n{fields}\r\n");
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        // Twice on one connection: the second answer begins where the first has ended.
        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
            var answer = await client.ReadAnswerAsync(bodiless: length == "1234");
            Assert.Equal($"HTTP/1.1 {status}", answer.StartLine);
            Assert.Equal(length, answer["Content-Length"]);
            Assert.Null(answer["Transfer-Encoding"]);
            Assert.Equal("", answer.Body);
        }
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n")]
    [InlineData("Connection: close\r\n\r\nhello")]
    [InlineData("\r\nhello")]
    [InlineData("\r\nhello", "HTTP/1.0")]
    [InlineData("Content-Length: 5\r\nConnection: keep-alive\r\n\r\nhello", "HTTP/1.0")]
    public async Task An_answer_ends_where_the_upstream_ends_it(string rest, string version = "HTTP/1.1")
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(version + " 200 OK\r\n" + rest);
        });
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
            var answer = await client.ReadAnswerAsync();
            Assert.Equal("hello", answer.Body);
            Assert.Single(answer.All("Content-Length").Concat(answer.All("Transfer-Encoding")));
        }
    }

    [Fact]
    public async Task Interim_answers_of_the_upstream_are_skipped()
    {
        await using var backend = RawBackend.Always("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + RawBackend.Ok);
        var host = await gateway.ServeAsync(backend.Port);

        Assert.Equal("ok", await gateway.Client.GetStringAsync(new Uri($"http://{host}/"), Cancellation));
    }

    [Fact]
    public async Task An_HTTP_1_0_client_gets_an_answer_that_ends_with_the_connection()
    {
        await using var backend = RawBackend.Always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n");

        var answer = await client.ReadAnswerAsync();
        Assert.Null(answer["Transfer-Encoding"]);
        Assert.Equal("hello", answer.Body);
    }

    [Theory]
    [InlineData("Content-Length: 2\r\nConnection: close")]
    [InlineData("Content-Length: 2")]
    public async Task An_answer_that_comes_before_the_body_is_through_reaches_the_client(string fields)
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync($"HTTP/1.1 413 Too Much\r\n{fields}\r\n\r\nno");
            await connection.ReadExactlyAsync(100_000);
        });
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {5 * Megabyte}\r\n\r\n");
        var sending = SendAllAsync();

        var answer = await client.ReadAnswerAsync();
        Assert.Equal("HTTP/1.1 413 Too Much", answer.StartLine);
        Assert.Equal("no", answer.Body);
        await sending;

        async Task SendAllAsync()
        {
            try
            {
                await client.SendAsync(new byte[5 * Megabyte]);
            }
            catch (IOException)
            {
                // The gateway may close once it has answered.
            }
        }
    }

    private async Task<RawMessage> ReceivedAsync(string request)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();
        await client.SendAsync(request.Replace("{0}", host, StringComparison.Ordinal));
        var answer = await client.ReadAnswerAsync();
        Assert.Equal((200, "ok"), (answer.Status, answer.Body));
        return await backend.NextRequestAsync();
    }

    /// <summary>Takes bodies of any size.</summary>
    public sealed class Unlimited : SharedGateway
    {
        protected override string Settings => "{proxy-body-size: \"0\"}";
    }
}
