using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Listeners.Epoll;

namespace Gateway.Proxy.Tests.Listeners.Epoll;

/// <summary>Descriptors are closed when their connections end, and never all given to clients.</summary>
[Collection(nameof(Alone))]
public sealed class DescriptorTests
{
    /// <summary>The environment variable <c>GATEWAY_TEST_CONNECTIONS</c> asks for more, such as 100000.</summary>
    private static readonly int Connections =
        int.Parse(Environment.GetEnvironmentVariable("GATEWAY_TEST_CONNECTIONS") ?? "20000", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Connections_that_end_in_all_ways_under_load_leave_no_descriptor_behind()
    {
        const int Workers = 32;
        await using var server = await TestServer.StartAsync(features => features.AnswerAsync("ok"), transport: Transport.Epoll);
        var served = 0;

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(new Random(worker)))));

        await Eventually.IsAsync(0, () => server.Status(TestServer.Plain).CurrentConnections);
        // The listener's.
        await Eventually.IsAsync(1, () => SocketsOf(server.PlainEndPoint.Port));
        Assert.Equal(Connections / Workers * Workers, server.Status(TestServer.Plain).TotalConnections);
        Assert.InRange(served, Connections / 4, Connections);

        async Task WorkAsync(Random random)
        {
            for (var i = 0; i < Connections / Workers; i++)
            {
                using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await client.ConnectAsync(server.PlainEndPoint, Port.Deadline);
                var request = random.Next(4) switch
                {
                    0 => "",
                    1 => "GET / HT",
                    2 => "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                    _ => "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                };
                await client.SendAllAsync(Encoding.ASCII.GetBytes(request));
                if (request.EndsWith("\r\n\r\n", StringComparison.Ordinal) && random.Next(4) > 0)
                    Interlocked.Add(ref served, await client.ReceiveAsync(new byte[500], Port.Deadline) > 0 ? 1 : 0);
                if (random.Next(3) == 0)
                    client.Reset();
            }
        }
    }

    [Fact]
    public async Task Nobody_is_accepted_while_descriptors_run_out()
    {
        using var first = Open();
        var mark = first.Number + 1000;
        await using var port = await Port.OpenAsync(mark: mark);
        List<Descriptor> others = [];
        while (others.Count == 0 || others[^1].Number < mark)
            others.Add(Open());

        using var client = await port.ConnectAsync();
        await (await port.AcceptAsync()).DisposeAsync();
        using var waiting = await port.ConnectAsync();
        var accepting = port.AcceptAsync();
        port.Time.Advance(TimeSpan.FromSeconds(1));
        port.Time.Advance(TimeSpan.FromSeconds(1));
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(accepting.IsCompleted);
        Assert.Contains("exhausted", Assert.Single(port.Logs.Entries), StringComparison.Ordinal);

        others.ForEach(descriptor => descriptor.Dispose());
        await Eventually.IsAsync(true, () =>
        {
            port.Time.Advance(TimeSpan.FromMilliseconds(100));
            return accepting.IsCompleted;
        });
        await (await accepting).DisposeAsync();
        Assert.Single(port.Logs.Entries);
    }

    private static Descriptor Open() => Libc.EventCounter(0, Libc.CloseOnExec);

    /// <summary>The sockets with this port of their own that a process has open.</summary>
    private static int SocketsOf(int port) => File.ReadLines("/proc/self/net/tcp").Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Count(fields => fields[1].EndsWith(':' + port.ToString("X4", CultureInfo.InvariantCulture), StringComparison.Ordinal) && fields[9] != "0");
}
