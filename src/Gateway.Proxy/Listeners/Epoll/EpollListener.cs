using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>
/// An open port. One loop accepts for all and gives each connection to the loop that has the fewest, rather than each loop from a socket
/// of its own (SO_REUSEPORT): the kernel would spread a few long-lived connections unevenly, by a hash of their addresses, and
/// would let a second process listen on the same port unnoticed.
/// </summary>
internal sealed partial class EpollListener : IConnectionListener, IEventHandler
{
    /// <summary>What is accepted in one turn; the kernel reminds of the rest.</summary>
    private const int AcceptedPerTurn = 64;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseBetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly Socket _socket;
    private readonly EventLoop _loop;
    private readonly EpollTransport _transport;
    private readonly IPEndPoint _local;
    private readonly SocketAddress _address;
    private readonly Channel<ConnectionContext> _accepted =
        Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly ITimer _pause;
    // Closing is not left to the loop: the port has to be free at once.
    private readonly Lock _accepting = new();
    private bool _isClosed;
    private ulong? _key;
    private long? _warned;

    /// <summary>Accepts from now on, on the thread of <paramref name="loop"/>.</summary>
    public EpollListener(Socket socket, EventLoop loop, EpollTransport transport)
    {
        (_socket, _loop, _transport) = (socket, loop, transport);
        _local = (IPEndPoint)socket.LocalEndPoint!;
        _address = new SocketAddress(_local.AddressFamily);
        _pause = transport.Time.CreateTimer(
            static listener => ((EpollListener)listener!)._loop.Post(static listener => ((EpollListener)listener).Resume(), listener),
            this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        loop.Post(static listener => ((EpollListener)listener).Begin(), this);
    }

    public EndPoint EndPoint => _local;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out var connection))
                return connection;
        }
        return null;
    }

    /// <summary>Frees the port. Whoever is connected already is still accepted.</summary>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        lock (_accepting)
        {
            while (!_isClosed && Accept())
            {
            }
            if (_isClosed)
                return ValueTask.CompletedTask;
            _isClosed = true;
            _socket.Dispose();
        }
        _pause.Dispose();
        _accepted.Writer.Complete();
        _loop.Post(static listener => ((EpollListener)listener).Forget(), this);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    /// <summary>Goes on: the next client is no worse than the last.</summary>
    public void Fail(Exception exception) => Log.Failed(_transport.Logger, exception, _local);

    /// <summary>Level-triggered: it comes again as long as somebody waits.</summary>
    public void OnEvents(EpollEvents events)
    {
        lock (_accepting)
        {
            for (var i = 0; i < AcceptedPerTurn && !_isClosed && Accept(); i++)
            {
            }
        }
    }

    private void Begin()
    {
        lock (_accepting)
        {
            if (!_isClosed)
                _key = _loop.Add(this, _socket.SafeHandle, EpollEvents.Readable);
        }
    }

    private void Forget()
    {
        if (_key is { } key)
            _loop.Forget(key);
        _key = null;
    }

    /// <summary>Returns whether there may be more to accept.</summary>
    private unsafe bool Accept()
    {
        Descriptor descriptor;
        var length = _address.Size;
        fixed (byte* address = _address.Buffer.Span)
            descriptor = Libc.Accept(_socket.SafeHandle, address, &length, Libc.NonBlocking | Libc.CloseOnExec);
        if (descriptor.IsInvalid)
            return OnRefused(Libc.Error);
        var remote = (IPEndPoint)_local.Create(_address);
        var isLast = descriptor.Number >= _transport.Reserve.Mark;
        Libc.SetOption(descriptor, Libc.TcpLevel, Libc.NoDelay, 1);
        _accepted.Writer.TryWrite(new EpollConnection(LeastLoaded(), descriptor, LocalOf(descriptor), remote, _transport));
        if (isLast)
            Suspend();
        return !isLast;
    }

    private bool OnRefused(int error)
    {
        switch (error)
        {
            case Libc.TryAgainError:
                return false;
            case Libc.ProcessDescriptorsError or Libc.SystemDescriptorsError or Libc.NoMemoryError or Libc.NoBuffersError:
                Suspend();
                return false;
            default:
                // The client has gone again, or its network failed (accept(2)).
                return true;
        }
    }

    private EventLoop LeastLoaded()
    {
        var least = _loop;
        foreach (var loop in _transport.Loops)
        {
            if (loop.Load < least.Load)
                least = loop;
        }
        return least;
    }

    private unsafe IPEndPoint LocalOf(Descriptor descriptor)
    {
        if (!_local.Address.Equals(IPAddress.Any) && !_local.Address.Equals(IPAddress.IPv6Any))
            return _local;
        var length = _address.Size;
        fixed (byte* address = _address.Buffer.Span)
            return Libc.LocalAddress(descriptor, address, &length) == 0 ? (IPEndPoint)_local.Create(_address) : _local;
    }

    /// <summary>Nobody is accepted until descriptors are free again: the kernel keeps the clients waiting.</summary>
    private void Suspend()
    {
        Listen(EpollEvents.None);
        _pause.Change(Pause, Timeout.InfiniteTimeSpan);
        if (_warned is { } warned && _transport.Time.GetElapsedTime(warned) < PauseBetweenWarnings)
            return;
        _warned = _transport.Time.GetTimestamp();
        Log.Exhausted(_transport.Logger, _local, _transport.Reserve.Mark);
    }

    private void Listen(EpollEvents events)
    {
        if (_key is { } key)
            _loop.Change(key, _socket.SafeHandle, events);
    }

    private void Resume()
    {
        lock (_accepting)
        {
            if (_isClosed)
                return;
            if (_transport.Reserve.HasRoom())
                Listen(EpollEvents.Readable);
            else
                _pause.Change(Pause, Timeout.InfiniteTimeSpan);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "File descriptors are exhausted: {EndPoint} accepts no more clients until fewer than {Mark} are open. Raise the limit of open files (RLIMIT_NOFILE).")]
        public static partial void Exhausted(ILogger logger, IPEndPoint endPoint, int mark);

        [LoggerMessage(2, LogLevel.Error, "A client of {EndPoint} could not be accepted.")]
        public static partial void Failed(ILogger logger, Exception exception, IPEndPoint endPoint);
    }
}
