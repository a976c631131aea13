using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>Upgrades of HTTP/1.1 connections, whatever the protocol (RFC 9110 7.8).</summary>
public sealed class UpgradeTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    private const string Switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: custom/2\r\nX-Extra: yes\r\n\r\n";

    [Fact]
    public async Task An_upgraded_connection_carries_bytes_in_both_directions()
    {
        var last = new TaskCompletionSource<string>();
        await using var backend = RawBackend.Start(async connection =>
        {
            var request = await connection.ReadHeadAsync();
            Assert.Equal("GET /chat?a=%2F HTTP/1.1", request.StartLine);
            Assert.Equal("custom/2, other", request["Upgrade"]);
            Assert.Equal("upgrade", request["Connection"], ignoreCase: true);
            Assert.Equal("127.0.0.1", request["X-Forwarded-For"]);
            await connection.SendAsync(Switching + "welcome");
            await connection.SendAsync("echo " + await connection.ReadExactlyAsync(5));
            last.SetResult(await connection.ReadToEndAsync());
        });
        await using var client = await UpgradeAsync(backend);

        var answer = await client.ReadHeadAsync();
        Assert.Equal("HTTP/1.1 101 Switching Protocols", answer.StartLine);
        Assert.Equal("custom/2", answer["Upgrade"]);
        Assert.Equal("upgrade", answer["Connection"], ignoreCase: true);
        Assert.Equal("yes", answer["X-Extra"]);
        Assert.Null(answer["Content-Length"]);
        Assert.Null(answer["Transfer-Encoding"]);
        Assert.Equal("welcome", await client.ReadExactlyAsync(7));
        await client.SendAsync("hello");
        Assert.Equal("echo hello", await client.ReadExactlyAsync(10));
        await client.SendAsync("the end");
        client.CloseWrite();
        Assert.Equal("the end", await last.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Bytes_that_a_client_sends_before_it_is_answered_are_not_lost()
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(Switching);
            await connection.SendAsync("got " + await connection.ReadExactlyAsync(5));
        });
        await using var client = await UpgradeAsync(backend, "early");

        Assert.Equal(101, (await client.ReadHeadAsync()).Status);
        Assert.Equal("got early", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_backend_that_closes_ends_the_connection_of_the_client()
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(Switching + "bye");
        });
        await using var client = await UpgradeAsync(backend);

        Assert.Equal(101, (await client.ReadHeadAsync()).Status);
        Assert.Equal("bye", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_the_connection_of_the_backend()
    {
        var ended = new TaskCompletionSource();
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(Switching);
            await connection.ReadToEndAsync();
            ended.SetResult();
        });
        await using var client = await UpgradeAsync(backend);
        Assert.Equal(101, (await client.ReadHeadAsync()).Status);

        client.Reset();

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_backend_that_switches_to_what_was_not_asked_for_is_broken()
    {
        await using var backend = RawBackend.Always("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: custom/3\r\n\r\n");
        await using var client = await UpgradeAsync(backend);

        Assert.Equal(502, (await client.ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task A_backend_may_answer_without_upgrading()
    {
        await using var backend = RawBackend.Always();
        await using var client = await UpgradeAsync(backend);

        var answer = await client.ReadAnswerAsync();

        Assert.Equal((200, "ok"), (answer.Status, answer.Body));
        Assert.Null(answer["Upgrade"]);
        // The connection goes on as it was.
        await client.SendAsync("GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n");
        Assert.Equal(404, (await client.ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task A_backend_may_ask_for_another_protocol()
    {
        await using var backend = RawBackend.Always(
            "HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nUpgrade: custom/3\r\nContent-Length: 0\r\n\r\n");
        await using var client = await UpgradeAsync(backend);

        var answer = await client.ReadAnswerAsync();

        Assert.Equal(426, answer.Status);
        Assert.Equal("custom/3", answer["Upgrade"]);
        Assert.Equal("upgrade", answer["Connection"], ignoreCase: true);
    }

    [Fact]
    public async Task A_backend_that_switches_unasked_is_broken()
    {
        await using var backend = RawBackend.Always(Switching);
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.Equal(502, (await client.ReadAnswerAsync()).Status);
    }

    [Theory]
    [InlineData("h2c")]
    [InlineData("custom/2, h2c")]
    public async Task Nobody_is_upgraded_to_HTTP_2_past_the_routes(string protocol)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: {protocol}\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n");

        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
        var received = await backend.NextRequestAsync();
        Assert.Null(received["Upgrade"]);
        Assert.Null(received["HTTP2-Settings"]);
        Assert.Null(received["Connection"]);
    }

    [Theory]
    [InlineData("custom/2")]
    [InlineData("websocket")]
    public async Task An_HTTP_1_0_request_is_not_upgraded(string protocol)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"GET / HTTP/1.0\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");

        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
        var received = await backend.NextRequestAsync();
        Assert.Null(received["Upgrade"]);
        Assert.Null(received["Connection"]);
    }

    [Fact]
    public async Task A_request_with_a_body_is_not_upgraded()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: custom/2\r\nContent-Length: 5\r\n\r\nhello");

        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
        var received = await backend.NextRequestAsync();
        Assert.Equal("hello", received.Body);
        Assert.Null(received["Upgrade"]);
    }

    private async Task<RawConnection> UpgradeAsync(RawBackend backend, string early = "")
    {
        var host = await gateway.ServeAsync(backend.Port);
        var client = await gateway.DialAsync();
        await client.SendAsync($"GET /chat?a=%2F HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: custom/2, other\r\n\r\n{early}");
        return client;
    }
}
