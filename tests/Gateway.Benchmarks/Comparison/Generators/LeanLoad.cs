using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Benchmarks.Comparison.Sockets;

namespace Gateway.Benchmarks.Comparison.Generators;

/// <summary>
/// A load generator that shares a loop with the backend. Either as many requests as are answered, or a constant rate:
/// then each request has a moment at which it is due, and its time counts from there, however late it could be sent.
/// So a pause of the proxy shows in all requests that fell into it (no coordinated omission).
/// </summary>
internal sealed class LeanLoad : IClocked
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly EventLoop _loop;
    private readonly IPEndPoint _peer;
    private readonly byte[][] _requests;
    private readonly Connection[] _connections;
    private readonly Stack<Connection> _idle = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly List<long> _times = new(1 << 16);
    private readonly TaskCompletionSource<LoadResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly double _interval; // between two requests, in timestamps; 0: no pause
    private readonly long _duration;
    private long _began;
    private long _ends;
    private long _sent;
    private long _bytes;
    private long _errors;

    private LeanLoad(EventLoop loop, IPEndPoint peer, byte[][] requests, int connections, TimeSpan duration, double rate)
    {
        (_loop, _peer, _requests) = (loop, peer, requests);
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new Connection(this))];
        _interval = rate > 0 ? Stopwatch.Frequency / rate : 0;
        _duration = (long)(duration.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>Loads a peer.</summary>
    /// <param name="loop">The loop to run on.</param>
    /// <param name="peer">Whom.</param>
    /// <param name="hosts">The hosts that are asked in turn.</param>
    /// <param name="connections">How many connections; each has one request at a time.</param>
    /// <param name="duration">For how long requests are sent.</param>
    /// <param name="rate">Requests a second; 0: as many as are answered.</param>
    public static Task<LoadResult> RunAsync(EventLoop loop, IPEndPoint peer, IEnumerable<string> hosts, int connections, TimeSpan duration, double rate = 0)
    {
        var requests = hosts.Select(host => Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")).ToArray();
        var load = new LeanLoad(loop, peer, requests, connections, duration, rate);
        loop.Post(load.Start);
        return load._done.Task;
    }

    TimeSpan IClocked.Tick(long now)
    {
        var due = Due(Math.Min(now, _ends));
        // A connection that fails at once is idle again: no more tries than there are connections.
        for (var tries = _idle.Count; tries > 0 && _sent < due; tries--)
            _idle.Pop().Send(_interval == 0 ? now : _began + (long)(_sent * _interval));
        if (now < _ends)
        {
            var next = _interval == 0 || _idle.Count == 0 ? _ends : Math.Min(_began + (long)(_sent * _interval), _ends);
            return Stopwatch.GetElapsedTime(now, Math.Max(next, now));
        }
        if ((_sent >= due && _idle.Count == _connections.Length) || Stopwatch.GetElapsedTime(_ends, now) > Grace)
            Finish(now, due);
        return Grace;
    }

    /// <summary>How many requests should have been sent until then.</summary>
    private long Due(long then) => _interval > 0 ? (long)Math.Ceiling((then - _began) / _interval) : then < _ends ? long.MaxValue : _sent;

    private void Start()
    {
        foreach (var connection in _connections)
        {
            connection.Open();
            _idle.Push(connection);
        }
        _began = Stopwatch.GetTimestamp();
        _ends = _began + _duration;
        _loop.Clocked = this;
    }

    private void Finish(long now, long due)
    {
        _loop.Clocked = null;
        // What was due but never answered.
        _errors += _connections.Length - _idle.Count + due - _sent;
        foreach (var connection in _connections)
            connection.Close();
        _done.SetResult(LoadResult.Of(_times, _bytes, _errors, Stopwatch.GetElapsedTime(_began, now)));
    }

    private sealed class Connection(LeanLoad load) : IReady
    {
        private Socket? _socket;
        private bool _asked; // and not answered yet
        private long _due;
        private int _held; // of an answer that has not come whole, at the start of its buffer
        private byte[] _part = [];

        public void Open()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Connect(load._peer);
            }
            catch (SocketException)
            {
                socket.Dispose();
                return; // it is tried again, and counted, when there is something to send
            }
            socket.Blocking = false;
            load._loop.Add(socket, this);
            _socket = socket;
        }

        public void Close()
        {
            if (_socket is not null)
                load._loop.Close(_socket);
            (_socket, _held) = (null, 0);
        }

        public void Send(long due)
        {
            _due = due;
            var request = load._requests[load._sent++ % load._requests.Length];
            if (_socket is null)
                Open();
            _asked = true;
            if (_socket?.Send(request, SocketFlags.None, out _) != request.Length)
                Fail();
        }

        public void OnReady()
        {
            var count = _socket!.Receive(load._buffer, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
                return;
            if (!_asked)
            {
                Close(); // an idle connection may be
                return;
            }
            if (count == 0 || error != SocketError.Success)
            {
                Fail();
                return;
            }
            load._bytes += count;
            ReadOnlySpan<byte> received = load._buffer.AsSpan(0, count);
            if (_held > 0)
            {
                _part = [.. _part.AsSpan(0, _held), .. received];
                received = _part;
            }
            switch (IsWhole(received))
            {
                case null:
                    (_part, _held) = (received.ToArray(), received.Length);
                    break;
                case true:
                    (_held, _asked) = (0, false);
                    load._times.Add(Stopwatch.GetElapsedTime(_due).Ticks);
                    Next();
                    break;
                default:
                    Fail();
                    break;
            }
        }

        private void Fail()
        {
            load._errors++;
            _asked = false;
            Close();
            load._idle.Push(this);
        }

        /// <summary>Asks again at once, if there is no pause: the next tick would only do the same.</summary>
        private void Next()
        {
            var now = Stopwatch.GetTimestamp();
            if (load._interval == 0 && now < load._ends)
                Send(now);
            else
                load._idle.Push(this);
        }

        /// <summary>Whether the bytes are an answer of 200 with all of its body; null: not yet. False: they are anything else.</summary>
        private static bool? IsWhole(ReadOnlySpan<byte> answer)
        {
            var end = answer.IndexOf("\r\n\r\n"u8);
            if (end < 0)
                return answer.Length < 64 * 1024 ? null : false;
            var head = answer[..end];
            var at = head.IndexOf("ontent-Length: "u8); // HTTP/1.1 peers may write it small
            if (at < 0)
                at = head.IndexOf("ontent-length: "u8);
            if (at < 0 || !head.StartsWith("HTTP/1.1 200"u8) || !Utf8Parser.TryParse(head[(at + "ontent-Length: ".Length)..], out int length, out _))
                return false;
            var missing = end + 4 + length - answer.Length;
            return missing == 0 ? true : missing > 0 ? null : false;
        }
    }
}
