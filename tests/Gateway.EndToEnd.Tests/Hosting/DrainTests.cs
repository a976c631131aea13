using System.Net;
using System.Net.Sockets;
using Gateway.EndToEnd.Tests.Harness;
using Microsoft.AspNetCore.Http;

namespace Gateway.EndToEnd.Tests.Hosting;

/// <summary>What becomes of connections of each kind when the process is told to stop: each test stops one of its own.</summary>
public sealed class DrainTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Idle_connections_are_closed_at_once_and_the_process_ends_well()
    {
        await using var gateway = await StartAsync();
        await using var used = await gateway.DialAsync();
        await used.SendAsync("GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n");
        await used.ReadAnswerAsync();
        await using var fresh = await gateway.DialAsync();
        await using var secure = await gateway.DialTlsAsync("nobody.test");

        gateway.Gateway.Terminate();

        Assert.True(await used.ClosesAsync());
        Assert.True(await fresh.ClosesAsync());
        Assert.True(await secure.ClosesAsync());
        Assert.Equal(0, await gateway.Gateway.ExitedAsync(TimeSpan.FromSeconds(15)));
    }

    [Theory]
    [InlineData("http", "1.1")]
    [InlineData("http", "2.0")]
    [InlineData("https", "2.0")]
    public async Task A_request_in_flight_is_answered_and_new_connections_are_refused(string scheme, string version)
    {
        var (arrived, ready) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("begun, ", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            arrived.SetResult();
            await ready.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("done", context.RequestAborted);
        });
        await using var gateway = await StartAsync();
        var host = await gateway.ServeAsync(backend.Port);
        using var request = Requests.Create("GET", $"{scheme}://{host}/", version);
        var asking = gateway.Client.SendAsync(request, Cancellation);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        gateway.Gateway.Terminate();
        await RefusedAsync(gateway.Gateway.HttpPort);
        await RefusedAsync(gateway.Gateway.HttpsPort);
        ready.SetResult();

        using var answer = await asking;
        Assert.Equal("begun, done", await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(0, await gateway.Gateway.ExitedAsync(TimeSpan.FromSeconds(15)));
        Assert.Contains("Drained", gateway.Gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_HTTP_1_client_is_told_not_to_use_the_connection_again()
    {
        var (arrived, ready) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            arrived.SetResult();
            await ready.Task;
            await connection.SendAsync(RawBackend.Ok);
        });
        await using var gateway = await StartAsync();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        gateway.Gateway.Terminate();
        await RefusedAsync(gateway.Gateway.HttpPort);
        ready.SetResult();

        var answer = await client.ReadAnswerAsync();
        Assert.Equal((200, "ok"), (answer.Status, answer.Body));
        Assert.Equal("close", answer["Connection"]);
        Assert.True(await client.ClosesAsync());
    }

    [Fact]
    public async Task An_HTTP_2_client_gets_GOAWAY()
    {
        await using var gateway = await StartAsync();
        await using var client = await gateway.DialAsync();
        await client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");
        await client.ReadExactlyAsync(9); // its SETTINGS: the connection stands

        gateway.Gateway.Terminate();

        var rest = await client.ReadToEndAsync();
        // Type 7, on stream 0.
        Assert.Contains("\u0007\0\0\0\0\0", rest, StringComparison.Ordinal);
        Assert.Equal(0, await gateway.Gateway.ExitedAsync(TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task A_WebSocket_does_not_outlive_the_timeout()
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: custom\r\n\r\n");
            await connection.ReadToEndAsync();
        });
        await using var gateway = await StartAsync("--shutdown-timeout", "1s");
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: custom\r\n\r\n");
        Assert.Equal(101, (await client.ReadHeadAsync()).Status);

        gateway.Gateway.Terminate();

        Assert.True(await client.ClosesAsync());
        Assert.Equal(0, await gateway.Gateway.ExitedAsync(TimeSpan.FromSeconds(15)));
    }

    private static async Task<Ending> StartAsync(params string[] arguments)
    {
        var gateway = new Ending(arguments);
        await gateway.InitializeAsync();
        return gateway;
    }

    private static async Task RefusedAsync(int port) => await Eventually.IsAsync(
        async () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, Cancellation);
                return SocketError.Success;
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode;
            }
        },
        error => error == SocketError.ConnectionRefused);

    private sealed class Ending(string[] arguments) : SharedGateway
    {
        protected override string[] Arguments => arguments;
    }
}
