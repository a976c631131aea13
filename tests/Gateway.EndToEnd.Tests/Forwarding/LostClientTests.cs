using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>Clients that go away in the middle of a request.</summary>
public sealed class LostClientTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    /// <summary>The loss is noticed in two places, in either order: of so many, some meet each.</summary>
    private const int Clients = 20;

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

    private static async Task AllAsync(SemaphoreSlim each)
    {
        for (var i = 0; i < Clients; i++)
            Assert.True(await each.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }
}
