using System.Net.WebSockets;
using System.Security.Cryptography;
using Gateway.EndToEnd.Tests.Harness;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>WebSockets by way of HTTP/1.1 (RFC 6455) and HTTP/2 (RFC 8441), in clear and over TLS.</summary>
public sealed class WebSocketTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    private const int Large = 3 << 20; // more than a request body may have

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Scheme and HTTP version of the client, application protocol of the backend.</summary>
    public static TheoryData<string, string, string?> Ways => new()
    {
        { "ws", "1.1", null },
        { "ws", "1.1", "kubernetes.io/ws" },
        { "wss", "1.1", null },
        { "ws", "2.0", null },
        { "wss", "2.0", "kubernetes.io/ws" },
        { "wss", "2.0", "kubernetes.io/h2c" },
        { "ws", "1.1", "kubernetes.io/h2c" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Messages_are_echoed(string scheme, string version, string? appProtocol)
    {
        await using var backend = await EchoAsync(appProtocol);
        var host = await gateway.ServeAsync(backend.Port, appProtocol);
        using var socket = await ConnectAsync($"{scheme}://{host}/echo?a=b", version);
        Assert.Equal("chat", socket.SubProtocol);

        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
        Assert.Equal((WebSocketMessageType.Text, "hello"), await ReceiveTextAsync(socket));

        // In parts, and larger than any buffer on the way.
        var large = RandomNumberGenerator.GetBytes(Large);
        var sending = SendInPartsAsync(socket, large);
        var (type, received) = await ReceiveAsync(socket);
        await sending;
        Assert.Equal(WebSocketMessageType.Binary, type);
        Assert.Equal(SHA256.HashData(large), SHA256.HashData(received));

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Cancellation);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        Assert.Equal("done", socket.CloseStatusDescription);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_backend_may_close_first(string scheme, string version, string? appProtocol)
    {
        await using var backend = await StartAsync(appProtocol, async socket =>
        {
            await socket.SendAsync("bye"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
            await socket.CloseAsync(WebSocketCloseStatus.PolicyViolation, "enough", CancellationToken.None);
        });
        var host = await gateway.ServeAsync(backend.Port, appProtocol);
        using var socket = await ConnectAsync($"{scheme}://{host}/", version);

        Assert.Equal((WebSocketMessageType.Text, "bye"), await ReceiveTextAsync(socket));
        Assert.Equal((WebSocketMessageType.Close, ""), await ReceiveTextAsync(socket));
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "enough"), (socket.CloseStatus!.Value, socket.CloseStatusDescription));
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", Cancellation);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_client_that_breaks_off_is_noticed_by_the_backend(string scheme, string version, string? appProtocol)
    {
        var ended = new TaskCompletionSource();
        await using var backend = await StartAsync(appProtocol, async socket =>
        {
            try
            {
                await socket.ReceiveAsync(new byte[1], CancellationToken.None);
            }
            catch (WebSocketException)
            {
                ended.SetResult();
            }
        });
        var host = await gateway.ServeAsync(backend.Port, appProtocol);
        using var socket = await ConnectAsync($"{scheme}://{host}/", version);

        socket.Abort();

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    [Theory]
    [InlineData("ws", "1.1", null)]
    [InlineData("wss", "2.0", null)]
    [InlineData("ws", "2.0", "kubernetes.io/h2c")]
    public async Task An_idle_one_ends_after_the_read_timeout_and_a_lively_one_lives_on(string scheme, string version, string? appProtocol)
    {
        await using var backend = await EchoAsync(appProtocol);
        var host = await gateway.ServeAsync(backend.Port, appProtocol, [("proxy-read-timeout", "1")]);
        using var idle = await ConnectAsync($"{scheme}://{host}/", version);
        using var lively = await ConnectAsync($"{scheme}://{host}/", version);

        var ending = Assert.ThrowsAnyAsync<WebSocketException>(() => ReceiveTextAsync(idle));
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!ending.IsCompleted)
        {
            await lively.SendAsync("tick"u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
            Assert.Equal((WebSocketMessageType.Text, "tick"), await ReceiveTextAsync(lively));
            await pace.WaitForNextTickAsync(Cancellation);
        }
        await ending;
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_refusal_reaches_the_client(string version)
    {
        await using var backend = await TestBackend.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        var host = await gateway.ServeAsync(backend.Port);

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync($"ws://{host}/", version));

        Assert.Contains("403", refused.ToString(), StringComparison.Ordinal);
    }

    private async Task<ClientWebSocket> ConnectAsync(string url, string version)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = new Version(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.AddSubProtocol("chat");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        await socket.ConnectAsync(new Uri(url), gateway.Client, deadline.Token);
        return socket;
    }

    private static Task<TestBackend> EchoAsync(string? appProtocol) => StartAsync(appProtocol, async socket =>
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, CancellationToken.None);
                return;
            }
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
        }
    });

    private static Task<TestBackend> StartAsync(string? appProtocol, Func<WebSocket, Task> serve) =>
        TestBackend.StartAsync(
            async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync("chat");
                try
                {
                    await serve(socket);
                }
                catch (WebSocketException)
                {
                    // The client broke off.
                }
            },
            appProtocol == "kubernetes.io/h2c" ? HttpProtocols.Http2 : HttpProtocols.Http1);

    private static async Task SendInPartsAsync(WebSocket socket, byte[] message)
    {
        var parts = message.Chunk(100_000).ToArray();
        for (var i = 0; i < parts.Length; i++)
            await socket.SendAsync(parts[i], WebSocketMessageType.Binary, i == parts.Length - 1, Cancellation);
    }

    private static async Task<(WebSocketMessageType Type, byte[] Message)> ReceiveAsync(WebSocket socket)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, Cancellation).WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
            message.Write(buffer, 0, received.Count);
            if (received.EndOfMessage)
                return (received.MessageType, message.ToArray());
        }
    }

    private static async Task<(WebSocketMessageType Type, string Message)> ReceiveTextAsync(WebSocket socket)
    {
        var (type, message) = await ReceiveAsync(socket);
        return (type, System.Text.Encoding.UTF8.GetString(message));
    }
}
