using System.Net;
using System.Net.Sockets;
using Gateway.Proxy.Forwarding.Lean;
using Gateway.Proxy.Listeners.Epoll;
using Gateway.Proxy.Tests.Listeners.Epoll;

namespace Gateway.Proxy.Tests.Forwarding.Lean;

public sealed class LoopSocketTests
{
    private readonly EventLoop _loop = new(0);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task What_is_dialled_is_received_from_and_sent_to_in_the_loop(string address)
    {
        using var listener = Listen(IPAddress.Parse(address), backlog: 10);

        using var upstream = await DialAsync();

        await upstream.SendAsync("ask"u8.ToArray());
        using var accepted = await listener.AcceptAsync(Port.Deadline);
        Assert.Equal("ask"u8.ToArray(), await accepted.ReceiveExactlyAsync(3));
        var received = ReceiveAsync(upstream, 6);
        await accepted.SendAllAsync("answer"u8.ToArray());
        Assert.Equal("answer"u8.ToArray(), await received);
        accepted.Dispose();
        Assert.Equal(0, await upstream.ReceiveAsync(new byte[1]));

        async Task<LoopSocket> DialAsync()
        {
            await _loop.Switch();
            var upstream = await LoopSocket.ConnectAsync(_loop, (IPEndPoint)listener.LocalEndPoint!, Port.Deadline);
            Assert.True(_loop.IsCurrent);
            Assert.Equal(IPAddress.Parse(address), upstream.LocalAddress(IPAddress.Parse(address).AddressFamily));
            return upstream;
        }
    }

    [Fact]
    public async Task What_is_more_than_the_kernel_takes_waits_for_the_upstream_to_read()
    {
        using var listener = Listen(IPAddress.Loopback, backlog: 10);
        using var upstream = await LoopSocket.ConnectAsync(_loop, (IPEndPoint)listener.LocalEndPoint!, Port.Deadline);
        using var accepted = await listener.AcceptAsync(Port.Deadline);
        var bytes = Sockets.Pattern(20_000_000);

        var sending = upstream.SendAsync(bytes).AsTask();
        await _loop.Switch();
        Assert.False(sending.IsCompleted);

        Assert.Equal(bytes, await accepted.ReceiveExactlyAsync(bytes.Length));
        await sending;
    }

    [Fact]
    public async Task What_an_upstream_sent_before_it_reset_the_connection_can_be_received()
    {
        using var listener = Listen(IPAddress.Loopback, backlog: 10);
        using var upstream = await LoopSocket.ConnectAsync(_loop, (IPEndPoint)listener.LocalEndPoint!, Port.Deadline);
        await upstream.SendAsync("ask"u8.ToArray());
        using (var accepted = await listener.AcceptAsync(Port.Deadline))
        {
            await accepted.SendAllAsync("413"u8.ToArray());
            accepted.Reset();
        }

        Assert.Equal("413"u8.ToArray(), await ReceiveAsync(upstream, 3));
        await Assert.ThrowsAnyAsync<IOException>(async () => await upstream.ReceiveAsync(new byte[1]));
        await Assert.ThrowsAnyAsync<IOException>(async () => await upstream.SendAsync(new byte[1]));
    }

    [Fact]
    public async Task A_connection_is_silent_until_something_comes()
    {
        using var listener = Listen(IPAddress.Loopback, backlog: 10);
        using var upstream = await LoopSocket.ConnectAsync(_loop, (IPEndPoint)listener.LocalEndPoint!, Port.Deadline);
        using var accepted = await listener.AcceptAsync(Port.Deadline);
        Assert.True(upstream.IsSilent);

        await accepted.SendAllAsync("unasked"u8.ToArray());

        Assert.False(upstream.IsSilent);
        Assert.Equal("unasked"u8.ToArray(), await ReceiveAsync(upstream, 7));
        Assert.True(upstream.IsSilent);
        accepted.Dispose();
        Assert.False(upstream.IsSilent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_pending_fails_when_the_connection_is_broken_off(bool isOnLoop)
    {
        using var listener = Listen(IPAddress.Loopback, backlog: 10);
        using var upstream = await LoopSocket.ConnectAsync(_loop, (IPEndPoint)listener.LocalEndPoint!, Port.Deadline);
        using var accepted = await listener.AcceptAsync(Port.Deadline);
        var receiving = upstream.ReceiveAsync(new byte[1]).AsTask();
        var sending = upstream.SendAsync(new byte[20_000_000]).AsTask();
        if (isOnLoop)
            await _loop.Switch();
        else
            await Task.Yield();

        upstream.Abort();

        await Assert.ThrowsAnyAsync<IOException>(() => receiving);
        await Assert.ThrowsAnyAsync<IOException>(() => sending);
        await Assert.ThrowsAnyAsync<IOException>(async () => await upstream.ReceiveAsync(new byte[1]));
        Assert.False(upstream.IsSilent);
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_refuses()
    {
        using var listener = Listen(IPAddress.Loopback, backlog: 1);
        var endPoint = (IPEndPoint)listener.LocalEndPoint!;
        listener.Dispose();

        var exception = await Assert.ThrowsAsync<SocketException>(async () => await LoopSocket.ConnectAsync(_loop, endPoint, Port.Deadline));

        Assert.Equal(SocketError.ConnectionRefused, exception.SocketErrorCode);
    }

    [Fact]
    public async Task Dialling_can_be_given_up()
    {
        using var listener = Full(out var fillers);
        using var source = new CancellationTokenSource();
        var dialling = LoopSocket.ConnectAsync(_loop, (IPEndPoint)listener.LocalEndPoint!, source.Token).AsTask();
        await _loop.Switch();
        Assert.False(dialling.IsCompleted);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialling);
        fillers.ForEach(filler => filler.Dispose());
    }

    private static async Task<byte[]> ReceiveAsync(LoopSocket socket, int count)
    {
        var bytes = new byte[count];
        for (var received = 0; received < count;)
        {
            var more = await socket.ReceiveAsync(bytes.AsMemory(received));
            Assert.NotEqual(0, more);
            received += more;
        }
        return bytes;
    }

    private static Socket Listen(IPAddress address, int backlog)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen(backlog);
        return listener;
    }

    /// <summary>A listener with so many waiting that the kernel lets further ones go unanswered.</summary>
    private static Socket Full(out List<Socket> fillers)
    {
        var listener = Listen(IPAddress.Loopback, backlog: 1);
        fillers = [];
        for (var i = 0; i < 10; i++)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            filler.Blocking = false;
            try
            {
                filler.Connect(listener.LocalEndPoint!);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock)
            {
                // Under way, or never to be.
            }
            fillers.Add(filler);
        }
        return listener;
    }
}
