using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Gateway.Proxy.Listeners.Epoll;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Proxy.Tests.Listeners.Epoll;

/// <summary>A port of the transport without a server above it, and clients that connect to it.</summary>
internal sealed class Port : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly IConnectionListener _listener;

    private Port(IConnectionListener listener) => _listener = listener;

    public FakeTimeProvider Time { get; private init; } = null!;

    public RecordedLogs Logs { get; private init; } = null!;

    public IPEndPoint EndPoint => (IPEndPoint)_listener.EndPoint;

    public static CancellationToken Deadline => new CancellationTokenSource(Patience).Token;

    public static async Task<Port> OpenAsync(IPAddress? address = null, EventLoop[]? loops = null, int mark = int.MaxValue)
    {
        var time = new FakeTimeProvider();
        var logs = new RecordedLogs();
        var transport = new EpollTransport(loops ?? EventLoop.All, MemoryPool<byte>.Shared, new DescriptorReserve(mark), logs, time);
        return new Port(await transport.BindAsync(new IPEndPoint(address ?? IPAddress.Loopback, 0))) { Time = time, Logs = logs };
    }

    public async Task<ConnectionContext> AcceptAsync() => (await _listener.AcceptAsync(Deadline))!;

    public async Task<Socket> ConnectAsync(IPAddress? address = null)
    {
        address ??= EndPoint.Address;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(address, EndPoint.Port), Deadline);
        return socket;
    }

    public async Task<(Socket Client, ConnectionContext Server)> PairAsync()
    {
        var client = await ConnectAsync();
        return (client, await AcceptAsync());
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}
