using System.Net;
using System.Net.Sockets;
using Gateway.Proxy.Listeners.Epoll;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Proxy.Tests.Listeners.Epoll;

public sealed class EpollDialerTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly EventLoop _loop = new(0);
    private readonly FakeTimeProvider _time = new();
    private readonly EpollDialer _dialer;

    public EpollDialerTests() => _dialer = new EpollDialer(_time);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task What_is_dialled_is_read_and_written_in_the_loop(string address)
    {
        using var listener = Listen(IPAddress.Parse(address), backlog: 10);

        var upstream = await DialAsync();

        await upstream.Output.WriteAsync("ask"u8.ToArray(), Port.Deadline);
        await upstream.Output.CompleteAsync();
        using var accepted = await listener.AcceptAsync(Port.Deadline);
        Assert.Equal("ask"u8.ToArray(), await accepted.ReadToEndAsync());
        var read = upstream.Input.ReadAsync(6);
        await accepted.SendAllAsync("answer"u8.ToArray());
        Assert.Equal("answer"u8.ToArray(), await read);
        await upstream.CloseAsync();

        async Task<EpollSocket> DialAsync()
        {
            await _loop.Switch();
            var upstream = await _dialer.ConnectAsync(_loop, (IPEndPoint)listener.LocalEndPoint!, Timeout, Port.Deadline);
            Assert.True(_loop.IsCurrent);
            return upstream;
        }
    }

    [Fact]
    public async Task What_an_upstream_sent_before_it_reset_the_connection_can_be_read()
    {
        using var listener = Listen(IPAddress.Loopback, backlog: 10);
        var upstream = await _dialer.ConnectAsync(_loop, (IPEndPoint)listener.LocalEndPoint!, Timeout, Port.Deadline);
        await upstream.Output.WriteAsync("ask"u8.ToArray(), Port.Deadline);
        using (var accepted = await listener.AcceptAsync(Port.Deadline))
        {
            await accepted.SendAllAsync("413"u8.ToArray());
            accepted.Reset();
        }

        Assert.Equal("413"u8.ToArray(), await upstream.Input.ReadAsync(3));
        await Assert.ThrowsAnyAsync<IOException>(async () => await upstream.Input.ReadAsync(Port.Deadline));
        await upstream.CloseAsync();
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_refuses()
    {
        using var listener = Listen(IPAddress.Loopback, backlog: 1);
        var endPoint = (IPEndPoint)listener.LocalEndPoint!;
        listener.Dispose();

        var exception = await Assert.ThrowsAsync<SocketException>(async () => await _dialer.ConnectAsync(_loop, endPoint, Timeout, Port.Deadline));

        Assert.Equal(SocketError.ConnectionRefused, exception.SocketErrorCode);
    }

    [Fact]
    public async Task An_upstream_that_does_not_answer_is_given_up_in_time()
    {
        using var listener = Full(out var fillers);
        var dialling = _dialer.ConnectAsync(_loop, (IPEndPoint)listener.LocalEndPoint!, Timeout, Port.Deadline).AsTask();
        await OnceBegunAsync();

        _time.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(dialling.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(SocketError.TimedOut, (await Assert.ThrowsAsync<SocketException>(() => dialling)).SocketErrorCode);
        fillers.ForEach(filler => filler.Dispose());
    }

    [Fact]
    public async Task Dialling_can_be_given_up()
    {
        using var listener = Full(out var fillers);
        using var source = new CancellationTokenSource();
        var dialling = _dialer.ConnectAsync(_loop, (IPEndPoint)listener.LocalEndPoint!, Timeout, source.Token).AsTask();
        await OnceBegunAsync();

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialling);
        fillers.ForEach(filler => filler.Dispose());
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

    /// <summary>The dialler has been in the loop, and with it the timer been set.</summary>
    private async Task OnceBegunAsync()
    {
        await _loop.Switch();
        await Task.Yield();
    }
}
