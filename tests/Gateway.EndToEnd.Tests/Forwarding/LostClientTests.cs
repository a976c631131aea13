using System.IO.Pipelines;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>Clients that go away in the middle of a request, or send a bad one.</summary>
public sealed class LostClientTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    /// <summary>The loss is noticed in two places, in either order: of so many, some meet each.</summary>
    private const int Clients = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_that_break_off_their_upload_are_no_failure_of_the_backend_or_of_the_gateway()
    {
        using SemaphoreSlim begun = new(0), ended = new(0);
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.ReadExactlyAsync(3);
            begun.Release();
            await connection.ReadToEndAsync();
            ended.Release();
        });
        var host = await gateway.ServeAsync(backend.Port);
        List<RawConnection> clients = [];
        for (var i = 0; i < Clients; i++)
        {
            var client = await gateway.DialAsync();
            clients.Add(client);
            await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nX-Request-ID: broken-off-{i}\r\nContent-Length: 100\r\n\r\nhel");
        }
        await AllAsync(begun);

        foreach (var client in clients)
            client.Reset();

        await AllAsync(ended);
        var lines = await Eventually.IsAsync(
            () => Task.FromResult(gateway.Gateway.Log.Split('\n').Where(line => line.Contains("Request broken-off", StringComparison.Ordinal)).ToArray()),
            lines => lines.Length == Clients);
        Assert.All(lines, line =>
        {
            Assert.Contains("dbug:", line, StringComparison.Ordinal);
            Assert.Contains("ClientGone", line, StringComparison.Ordinal);
        });
        Assert.DoesNotContain("fail: Microsoft", gateway.Gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Those_that_reset_their_stream_are_none_either()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        var upload = new Pipe();
        await upload.Writer.WriteAsync("hel"u8.ToArray(), Cancellation);
        using var request = Requests.Create("POST", $"http://{host}/", "2.0", new StreamContent(upload.Reader.AsStream()));
        request.Headers.Add("X-Request-ID", "reset");
        using var reset = new CancellationTokenSource();
        var sending = gateway.Client.SendAsync(request, reset.Token);
        await Eventually.HoldsAsync(() => backend.Connections > 0);

        await reset.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await IsToldAtDebugLevelAsync("reset", "ClientGone");
    }

    [Theory]
    [InlineData("5;\r\n", 400, "BadRequestBody")]
    [InlineData("100001\r\n", 413, "BodyTooLarge")]
    public async Task Nor_are_those_that_send_a_bad_body(string start, int status, string error)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nX-Request-ID: bad-{status}\r\nTransfer-Encoding: chunked\r\n\r\n{start}{new string('x', 0x100001)}\r\n");

        Assert.Equal(status, (await client.ReadAnswerAsync()).Status);
        await IsToldAtDebugLevelAsync($"bad-{status}", error);
    }

    private async Task IsToldAtDebugLevelAsync(string id, string error)
    {
        var lines = await Eventually.IsAsync(
            () => Task.FromResult(gateway.Gateway.Log.Split('\n').Where(line => line.Contains($"Request {id} ", StringComparison.Ordinal)).ToArray()),
            lines => lines.Length > 0);
        var line = Assert.Single(lines);
        Assert.Contains("dbug:", line, StringComparison.Ordinal);
        Assert.Contains(error, line, StringComparison.Ordinal);
    }

    private static async Task AllAsync(SemaphoreSlim each)
    {
        for (var i = 0; i < Clients; i++)
            Assert.True(await each.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }
}
