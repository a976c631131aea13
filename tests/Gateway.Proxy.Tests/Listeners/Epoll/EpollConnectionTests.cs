using System.Net;
using System.Net.Sockets;
using Gateway.Proxy.Listeners.Epoll;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Proxy.Tests.Listeners.Epoll;

/// <summary>A client's connection, seen from both ends, without a server above it.</summary>
[Collection(nameof(Alone))]
public sealed class EpollConnectionTests : IAsyncLifetime
{
    private const int Large = 30_000_000;

    private readonly EventLoop _loop = new(0);
    private Port _port = null!;

    public async ValueTask InitializeAsync() => _port = await Port.OpenAsync(loops: [_loop]);

    public ValueTask DisposeAsync() => _port.DisposeAsync();

    [Fact]
    public async Task Bytes_come_in_as_they_were_sent_whatever_their_number()
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        var sent = Sockets.Pattern(Large);
        var sending = SendAsync();

        var received = new MemoryStream();
        await server.Transport.Input.CopyToAsync(received, Port.Deadline);

        await sending;
        Assert.True(sent.AsSpan().SequenceEqual(received.ToArray()));
        await server.DisposeAsync();

        async Task SendAsync()
        {
            await client.SendAllAsync(sent);
            client.Shutdown(SocketShutdown.Send);
        }
    }

    [Fact]
    public async Task What_is_not_consumed_is_kept_and_grows()
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        var sent = Sockets.Pattern(100_000);
        await client.SendAllAsync(sent);

        for (var consumed = 0; consumed < sent.Length; consumed += 10_000)
        {
            var result = await server.Transport.Input.ReadAtLeastAsync(sent.Length - consumed, Port.Deadline);
            Assert.True(sent.AsSpan(consumed).SequenceEqual(System.Buffers.BuffersExtensions.ToArray(result.Buffer)));
            server.Transport.Input.AdvanceTo(result.Buffer.GetPosition(10_000), result.Buffer.GetPosition(10_000 + (result.Buffer.Length > 20_000 ? 1 : 0)));
        }
        await server.DisposeAsync();
    }

    [Fact]
    public async Task What_nobody_reads_stays_with_the_sender()
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        client.SendBufferSize = 64 * 1024;
        var chunk = new byte[64 * 1024];
        using var stuck = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        var sent = 0L;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (sent < 10 * Large)
                sent += await client.SendAsync(chunk, stuck.Token);
        });

        Assert.InRange(sent, 1, Large);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_slow_reader_gets_every_byte_and_slows_the_writer_down()
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        client.ReceiveBufferSize = 64 * 1024;
        var sent = Sockets.Pattern(Large);
        var written = 0;
        var waited = 0;
        var writing = WriteAsync();

        var received = new byte[Large];
        var ahead = 0;
        for (var at = 0; at < Large;)
        {
            at += await client.ReceiveAsync(received.AsMemory(at, Math.Min(10_000, Large - at)), Port.Deadline);
            ahead = Math.Max(ahead, Volatile.Read(ref written) - at);
        }

        await writing;
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Port.Deadline));
        Assert.True(sent.AsSpan().SequenceEqual(received));
        Assert.True(waited > 10, $"{waited} flushes waited");
        Assert.True(ahead < Large / 2, $"{ahead} bytes were held for the reader");

        async Task WriteAsync()
        {
            await _loop.Switch();
            for (; written < Large; written += 100_000)
            {
                var flush = server.Transport.Output.WriteAsync(sent.AsMemory(written, 100_000), Port.Deadline).AsTask();
                waited += flush.IsCompleted ? 0 : 1;
                Assert.False((await flush).IsCompleted);
                Assert.True(_loop.IsCurrent);
            }
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Idle_connections_hold_no_buffers()
    {
        const int Connections = 1000;
        List<(Socket Client, ConnectionContext Server)> pairs = [];
        List<Task> reads = [];
        await PairAsync(10);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await PairAsync(Connections);

        // Less than the buffer that each of them used, with the sockets of the clients.
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Connections;
        Assert.True(each < 8 * 1024, $"{each} bytes each");
        foreach (var (client, server) in pairs)
        {
            client.Dispose();
            await server.DisposeAsync();
        }

        async Task PairAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var (client, server) = await _port.PairAsync();
                pairs.Add((client, server));
                await client.SendAllAsync("hello"u8.ToArray());
                await server.Transport.Input.ReadAsync(5);
                await server.Transport.Output.WriteAsync("world"u8.ToArray(), Port.Deadline);
                await client.ReceiveAsync(new byte[5], Port.Deadline);
                reads.Add(server.Transport.Input.ReadAsync(Port.Deadline).AsTask());
            }
        }
    }

    [Fact]
    public async Task A_client_that_ends_its_side_still_gets_all_that_is_sent()
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        var answer = Sockets.Pattern(1_000_000);
        await client.SendAllAsync("ask"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("ask"u8.ToArray(), await server.Transport.Input.ReadAsync(3));
        Assert.True((await server.Transport.Input.ReadAsync(Port.Deadline)).IsCompleted);
        var reading = client.ReadToEndAsync();
        await server.Transport.Output.WriteAsync(answer, Port.Deadline);
        Assert.False(server.ConnectionClosed.IsCancellationRequested);
        await server.DisposeAsync();

        Assert.Equal(answer, await reading);
    }

    [Fact]
    public async Task A_client_that_ends_its_side_is_taken_for_gone_when_it_is_sent_nothing_for_a_while()
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = server.ConnectionClosed.Register(closed.SetResult);
        client.Shutdown(SocketShutdown.Send);
        // Accepted and closed later, so heard of later.
        var (second, secondServer) = await _port.PairAsync();
        second.Dispose();
        Assert.True((await secondServer.Transport.Input.ReadAsync(Port.Deadline)).IsCompleted);
        await secondServer.DisposeAsync();

        for (var answered = 0; answered < 10; answered++)
        {
            await TickAsync(4);
            await server.Transport.Output.WriteAsync("x"u8.ToArray(), Port.Deadline);
            await TickAsync(1);
        }
        Assert.False(server.ConnectionClosed.IsCancellationRequested);
        await TickAsync(5);

        await closed.Task.WaitAsync(Port.Deadline);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_reset_is_noticed_while_nobody_reads()
    {
        var (client, server) = await _port.PairAsync();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = server.ConnectionClosed.Register(closed.SetResult);

        client.Reset();

        await closed.Task.WaitAsync(Port.Deadline);
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await server.Transport.Input.ReadAsync(Port.Deadline));
        Assert.True((await server.Transport.Output.WriteAsync(new byte[1], Port.Deadline)).IsCompleted);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_reset_ends_a_read_and_a_flush_that_wait()
    {
        var (client, server) = await _port.PairAsync();
        var read = server.Transport.Input.ReadAsync(Port.Deadline).AsTask();
        var flush = server.Transport.Output.WriteAsync(new byte[Large], Port.Deadline).AsTask();
        Assert.False(flush.IsCompleted);

        client.Reset();

        await Assert.ThrowsAsync<ConnectionResetException>(() => read);
        Assert.True((await flush).IsCompleted);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Aborting_resets_the_connection_and_ends_what_waits()
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        var reason = new ConnectionAbortedException("enough");
        var read = server.Transport.Input.ReadAsync(Port.Deadline).AsTask();
        var flush = server.Transport.Output.WriteAsync(new byte[Large], Port.Deadline).AsTask();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = server.ConnectionClosed.Register(closed.SetResult);

        server.Abort(reason);

        Assert.Same(reason, await Assert.ThrowsAsync<ConnectionAbortedException>(() => read));
        Assert.True((await flush).IsCompleted);
        await closed.Task.WaitAsync(Port.Deadline);
        Assert.True(await client.IsResetAsync());
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Closing_sends_what_is_left_first()
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        var sent = Sockets.Pattern(Large);
        var flush = server.Transport.Output.WriteAsync(sent, Port.Deadline).AsTask();
        Assert.False(flush.IsCompleted);

        var closing = server.DisposeAsync().AsTask();

        Assert.False(closing.IsCompleted);
        Assert.Equal(sent, await client.ReadToEndAsync());
        await closing.WaitAsync(Port.Deadline);
    }

    [Fact]
    public async Task An_answer_is_not_lost_by_closing_while_the_client_still_sends()
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        var answer = Sockets.Pattern(100_000);
        await client.SendAllAsync(new byte[300_000]);
        await server.Transport.Input.ReadAsync(1);

        await server.Transport.Output.WriteAsync(answer, Port.Deadline);
        await server.DisposeAsync();
        await client.SendAllAsync(new byte[5_000_000]);

        Assert.Equal(answer, await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_client_that_never_closes_is_waited_for_a_while_only()
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        await server.DisposeAsync();
        Assert.Empty(await client.ReadToEndAsync());
        await client.SendAllAsync(new byte[10]);

        await TickAsync(4);
        Assert.Equal(10, await client.SendAsync(new byte[10], Port.Deadline));
        await TickAsync(30);

        await Eventually.IsAsync(true, () =>
        {
            try
            {
                return client.Send(new byte[1]) == 0;
            }
            catch (SocketException)
            {
                return true;
            }
        });
    }

    /// <summary>Lets seconds pass one by one, as the loop sees them.</summary>
    private async Task TickAsync(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            await Task.Yield();
            _port.Time.Advance(TimeSpan.FromSeconds(1));
            await _loop.Switch();
        }
        await Task.Yield();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_that_waits_can_be_canceled(bool onLoop)
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        if (onLoop)
            await _loop.Switch();
        var read = server.Transport.Input.ReadAsync(Port.Deadline).AsTask();

        server.Transport.Input.CancelPendingRead();

        Assert.True((await read).IsCanceled);
        await client.SendAllAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await server.Transport.Input.ReadAsync(1));
        server.Transport.Input.CancelPendingRead();
        Assert.True((await server.Transport.Input.ReadAsync(Port.Deadline)).IsCanceled);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_read_and_a_flush_can_be_given_up_by_their_token()
    {
        var (client, server) = await _port.PairAsync();
        using var disposed = client;
        using var source = new CancellationTokenSource();
        var read = server.Transport.Input.ReadAsync(source.Token).AsTask();
        var flush = server.Transport.Output.WriteAsync(new byte[Large], source.Token).AsTask();

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush);
        await client.SendAllAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await server.Transport.Input.ReadAsync(1));
        server.Abort(new ConnectionAbortedException());
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("::", "::1")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    public async Task Both_families_connect_and_are_told_apart(string listen, string connect)
    {
        await using var port = await Port.OpenAsync(IPAddress.Parse(listen));
        using var client = await port.ConnectAsync(IPAddress.Parse(connect));
        var server = await port.AcceptAsync();

        var local = (IPEndPoint)client.LocalEndPoint!;
        Assert.Equal((local.Address.ToString(), local.Port), Plain(server.RemoteEndPoint));
        Assert.Equal((connect, port.EndPoint.Port), Plain(server.LocalEndPoint));
        await server.DisposeAsync();

        static (string, int) Plain(EndPoint? endPoint)
        {
            var ip = (IPEndPoint)endPoint!;
            return ((ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address).ToString(), ip.Port);
        }
    }
}
