using System.Net;
using System.Net.Sockets;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.CommandLine;

/// <summary>What clients meet while the process stops.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task Requests_in_flight_are_answered_while_idle_connections_and_the_port_close_at_once()
    {
        var answer = new TaskCompletionSource();
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await answer.Task;
            await connection.SendAsync(RawBackend.Ok);
        });
        using var folder = Folder(backend.Port);
        await using var gateway = await GatewayProcess.RunAsync(folder.Path);
        await using var idle = await RawConnection.DialAsync(gateway.HttpPort);
        Assert.Equal(404, await AskAsync(idle, "nobody.test"));
        await using var busy = await RawConnection.DialAsync(gateway.HttpPort);
        var inFlight = AskAsync(busy, "slow.test");
        await Eventually.IsAsync(() => Task.FromResult(backend.Connections), count => count == 1);

        gateway.Terminate();
        Assert.True(await idle.ClosesAsync());
        await Assert.ThrowsAsync<SocketException>(() => RawConnection.DialAsync(gateway.HttpPort));
        Assert.False(inFlight.IsCompleted);
        answer.SetResult();
        Assert.Equal(200, await inFlight);
        Assert.Equal(0, await gateway.ExitedAsync());
        Assert.Contains("Drained: every request in flight was answered.", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_answered_in_time_is_cut_off()
    {
        await using var backend = RawBackend.Start(connection => connection.ReadToEndAsync());
        using var folder = Folder(backend.Port);
        await using var gateway = await GatewayProcess.RunAsync(folder.Path, "--shutdown-timeout", "100ms");
        await using var busy = await RawConnection.DialAsync(gateway.HttpPort);
        await busy.SendAsync("GET / HTTP/1.1\r\nHost: slow.test\r\n\r\n");
        await Eventually.IsAsync(() => Task.FromResult(backend.Connections), count => count == 1);

        gateway.Terminate();
        Assert.True(await busy.ClosesAsync());
        Assert.Equal(0, await gateway.ExitedAsync());
        Assert.Contains("Time is up", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_the_ports_close_readyz_says_no_while_all_is_served_until_an_interrupt_ends_it()
    {
        using var folder = Folder(port: 9);
        await using var gateway = await GatewayProcess.RunAsync(folder.Path, "--pre-stop-delay", "1h");
        using var client = new HttpClient();

        gateway.Terminate();
        await Eventually.IsAsync(() => client.AskAsync($"{gateway.Admin("/readyz")}"), answer => answer.Status == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync($"{gateway.Admin("/healthz")}")).Status);
        await using var connection = await RawConnection.DialAsync(gateway.HttpPort);
        Assert.Equal(404, await AskAsync(connection, "nobody.test"));

        // A supervisor that repeats itself is not in a hurry.
        gateway.Terminate();
        for (var i = 0; i < 50; i++)
        {
            await using var next = await RawConnection.DialAsync(gateway.HttpPort);
            Assert.Equal(404, await AskAsync(next, "nobody.test"));
        }

        gateway.Signal("-INT");
        Assert.Equal(0, await gateway.ExitedAsync());
    }

    private static async Task<int> AskAsync(RawConnection connection, string host)
    {
        await connection.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        return (await connection.ReadAnswerAsync()).Status;
    }

    private static ManifestDirectory Folder(int port)
    {
        var folder = new ManifestDirectory();
        folder.Write("slow.yaml", Yaml.Ingress("slow", "slow.test", "slow") + Yaml.Service("slow", port));
        return folder;
    }
}
