using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Benchmarks.Comparison.Backends;
using Gateway.Benchmarks.Comparison.Peers;

namespace Gateway.Benchmarks.Comparison.Generators;

/// <summary>Connections that had an exchange each, or became WebSockets, and are then left alone.</summary>
internal sealed class IdleConnections : IDisposable
{
    private const int OpenedAtOnce = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // "hi" as a client sends it (RFC 6455 5.2): the last fragment of a text, masked with zeros.
    private static readonly byte[] Message = [0x81, 0x82, 0, 0, 0, 0, (byte)'h', (byte)'i'];

    private readonly byte[] _request;
    private readonly byte[] _use;
    private readonly byte[] _end;
    private readonly byte[] _useEnd;
    private readonly List<Socket> _sockets = [];

    private IdleConnections(bool webSockets)
    {
        var host = PeerSetup.Host(0);
        var get = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        var upgrade = Encoding.ASCII.GetBytes(
            $"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {LeanBackend.WebSocketKey}\r\n\r\n");
        var answer = Encoding.ASCII.GetBytes(Backend.SmallAnswer);
        (_request, _end, _use, _useEnd) = webSockets ? (upgrade, "\r\n\r\n"u8.ToArray(), Message, Message) : (get, answer, get, answer);
    }

    /// <summary>How many could not be opened.</summary>
    public int Refused { get; private set; }

    /// <summary>Opens so many.</summary>
    public static async Task<IdleConnections> OpenAsync(RunningPeer peer, int count, bool webSockets)
    {
        var connections = new IdleConnections(webSockets);
        var endPoint = new IPEndPoint(IPAddress.Loopback, peer.Port);
        for (var opened = 0; opened < count; opened += OpenedAtOnce)
        {
            var sockets = Enumerable.Range(0, Math.Min(OpenedAtOnce, count - opened))
                .Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }).ToArray();
            connections._sockets.AddRange(sockets);
            connections.Refused += await FailedAsync(sockets, async socket =>
            {
                await socket.ConnectAsync(endPoint);
                return await ExchangeAsync(socket, connections._request, connections._end);
            });
        }
        return connections;
    }

    /// <summary>Has another exchange on each; returns how many did not answer.</summary>
    public async Task<int> UseAsync()
    {
        var failed = 0;
        foreach (var sockets in _sockets.Chunk(OpenedAtOnce))
            failed += await FailedAsync(sockets, socket => ExchangeAsync(socket, _use, _useEnd));
        return failed;
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private static async Task<int> FailedAsync(Socket[] sockets, Func<Socket, Task<bool>> exchange)
    {
        var results = await Task.WhenAll(sockets.Select(async socket =>
        {
            try
            {
                return await exchange(socket).WaitAsync(Patience);
            }
            catch (Exception exception) when (exception is SocketException or TimeoutException)
            {
                return false;
            }
        }));
        return results.Count(well => !well);
    }

    private static async Task<bool> ExchangeAsync(Socket socket, byte[] request, byte[] end)
    {
        await socket.SendAsync(request);
        var buffer = new byte[1024];
        for (var length = 0; length < buffer.Length;)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(length));
            length += count;
            if (count == 0)
                return false;
            if (buffer.AsSpan(0, length).EndsWith(end))
                return end == Message || buffer.AsSpan().StartsWith("HTTP/1.1 101"u8) || buffer.AsSpan().StartsWith("HTTP/1.1 200"u8);
        }
        return false;
    }
}
