using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Benchmarks.Comparison.Generators;
using Gateway.Benchmarks.Comparison.Peers;
using Gateway.Benchmarks.Comparison.Sockets;

namespace Gateway.Benchmarks.Comparison.Backends;

/// <summary>
/// The least that can be called a backend, so that it is never what limits: one read and one write a request. Takes
/// request bodies of known length, and turns into an echo when asked for a WebSocket.
/// </summary>
internal sealed class LeanBackend : Backend
{
    /// <summary>The key of RFC 6455 1.3, which every WebSocket here is opened with.</summary>
    public const string WebSocketKey = "dGhlIHNhbXBsZSBub25jZQ==";

    private static readonly byte[] Answer = Encoding.ASCII.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {SmallAnswer.Length}\r\n\r\n{SmallAnswer}");

    // The accept value that belongs to that key.
    private static readonly byte[] Upgraded =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"u8.ToArray();

    private readonly Socket[] _listeners;
    private readonly byte[] _buffer = new byte[256 * 1024]; // one for all: the loop reads one socket at a time
    private readonly HashSet<Connection> _connections = [];

    /// <summary>Starts it.</summary>
    /// <param name="more">Addresses besides 127.0.0.1 to listen on, at the same port.</param>
    public LeanBackend(params IPAddress[] more)
    {
        var first = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint = (IPEndPoint)first.LocalEndPoint!;
        _listeners = [first, .. more.Select(address => Listen(new IPEndPoint(address, EndPoint.Port)))];
        foreach (var listener in _listeners)
            Loop.Post(() => Loop.Add(listener, new Acceptor(this, listener)));
    }

    public override IPEndPoint EndPoint { get; }

    private EventLoop Loop { get; } = new();

    /// <summary>Loads a peer from the backend's own thread; see <see cref="LeanLoad.RunAsync"/>.</summary>
    public Task<LoadResult> LoadAsync(RunningPeer peer, IEnumerable<string> hosts, int connections, TimeSpan duration, double rate = 0) =>
        LeanLoad.RunAsync(Loop, new IPEndPoint(IPAddress.Loopback, peer.Port), hosts, connections, duration, rate);

    public override ValueTask DisposeAsync()
    {
        Loop.Dispose();
        foreach (var listener in _listeners)
            listener.Dispose();
        foreach (var connection in _connections)
            connection.Socket.Dispose();
        return default;
    }

    private static Socket Listen(IPEndPoint endPoint)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        listener.Bind(endPoint);
        listener.Listen(4096);
        return listener;
    }

    private sealed class Acceptor(LeanBackend backend, Socket listener) : IReady
    {
        /// <summary>Takes one; while more are there, it is called again.</summary>
        public void OnReady()
        {
            Socket socket;
            try
            {
                socket = listener.Accept();
            }
            catch (SocketException)
            {
                return; // it has gone again
            }
            socket.Blocking = false;
            socket.NoDelay = true;
            var connection = new Connection(backend, socket);
            backend._connections.Add(connection);
            backend.Loop.Add(socket, connection);
        }
    }

    private sealed class Connection(LeanBackend backend, Socket socket) : IReady
    {
        private byte[] _rest = []; // of a head that has not come whole
        private long _body; // what is still to come of a request's body
        private bool _echoes;

        public Socket Socket => socket;

        public void OnReady()
        {
            var count = socket.Receive(backend._buffer, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
                return;
            if (count == 0 || error != SocketError.Success || !Take(backend._buffer.AsSpan(0, count)))
            {
                backend._connections.Remove(this);
                backend.Loop.Close(socket);
            }
        }

        private bool Take(ReadOnlySpan<byte> received)
        {
            if (_echoes)
                return Send(received);
            if (_rest.Length > 0)
            {
                received = (byte[])[.. _rest, .. received];
                _rest = [];
            }
            while (!received.IsEmpty)
            {
                if (_body > 0)
                {
                    var part = (int)Math.Min(_body, received.Length);
                    received = received[part..];
                    if ((_body -= part) == 0 && !Send(Answer))
                        return false;
                    continue;
                }
                var end = received.IndexOf("\r\n\r\n"u8);
                if (end < 0)
                {
                    _rest = received.ToArray();
                    return true;
                }
                var head = received[..(end + 2)];
                received = received[(end + 4)..];
                if (head.StartsWith("GET "u8) && Value(head, "Upgrade"u8).Length > 0)
                    return (_echoes = true) && Send(Upgraded);
                if (!head.StartsWith("GET "u8) && Utf8Parser.TryParse(Value(head, "Content-Length"u8), out long length, out _) && length > 0)
                    _body = length;
                else if (!Send(Answer))
                    return false;
            }
            return true;
        }

        /// <summary>Answers are short, and clients wait for one before they ask again: they always fit the socket's buffer.</summary>
        private bool Send(ReadOnlySpan<byte> bytes) => socket.Send(bytes, SocketFlags.None, out _) == bytes.Length;

        private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
        {
            foreach (var range in head.Split("\r\n"u8))
            {
                var line = head[range];
                if (line.Length > name.Length && line[name.Length] == ':' && Ascii.EqualsIgnoreCase(line[..name.Length], name))
                    return line[(name.Length + 1)..].Trim((byte)' ');
            }
            return default;
        }
    }
}
