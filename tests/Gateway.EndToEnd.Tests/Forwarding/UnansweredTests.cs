using System.Collections.Concurrent;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>Backends that close a connection without answering what was sent over it.</summary>
public sealed class UnansweredTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    private readonly ConcurrentQueue<string> _seen = [];

    [Theory]
    [InlineData("GET", "")]
    [InlineData("HEAD", "")]
    [InlineData("DELETE", "")]
    [InlineData("POST", "")]
    [InlineData("POST", "Content-Length: 0\r\n")]
    [InlineData("POST", "Content-Length: 5\r\n", "hello")]
    public async Task A_request_over_a_new_connection_is_sent_once(string method, string fields, string body = "")
    {
        await using var backend = RawBackend.Start(NoteAsync);
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"{method} /new HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n{body}");

        Assert.Equal(502, (await client.ReadAnswerAsync(bodiless: method == "HEAD")).Status);
        Assert.Equal([$"{method} /new HTTP/1.1"], _seen);
    }

    [Theory]
    [InlineData("GET", 200, 2)]
    [InlineData("POST", 502, 1)]
    public async Task A_request_over_a_kept_connection_is_sent_again_only_if_it_changes_nothing(string method, int status, int times)
    {
        var connections = 0;
        await using var backend = RawBackend.Start(async connection =>
        {
            var first = Interlocked.Increment(ref connections) == 1;
            await NoteAsync(connection);
            await connection.SendAsync(RawBackend.Ok);
            if (first)
                await NoteAsync(connection);
        });
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();
        await client.SendAsync($"GET /before HTTP/1.1\r\nHost: {host}\r\n\r\n");
        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);

        await client.SendAsync($"{method} /kept HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.Equal(status, (await client.ReadAnswerAsync()).Status);
        Assert.Equal(times, _seen.Count(line => line == $"{method} /kept HTTP/1.1"));
    }

    private async Task NoteAsync(RawConnection connection) => _seen.Enqueue((await connection.ReadRequestAsync()).StartLine);
}
