using System.Net;
using System.Net.Sockets;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>Opens connections to upstreams in a given loop: in that of the client whose request they carry, so that both are worked on by one thread.</summary>
internal sealed class EpollDialer(TimeProvider time)
{
    /// <summary>Connects; whoever awaits it goes on on the thread of <paramref name="loop"/>.</summary>
    /// <param name="loop">Where the connection lives.</param>
    /// <param name="endPoint">Where to.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">It failed, or took too long (<see cref="SocketError.TimedOut"/>).</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async ValueTask<EpollSocket> ConnectAsync(EventLoop loop, IPEndPoint endPoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await loop.Switch();
        var attempt = new Attempt(loop, time);
        attempt.Begin(endPoint);
        using var timer = time.CreateTimer(
            static attempt => ((Attempt)attempt!).Post(static attempt => ((Attempt)attempt).Fail(new SocketException((int)SocketError.TimedOut))),
            attempt, timeout, Timeout.InfiniteTimeSpan);
        using var registration = cancellationToken.UnsafeRegister(
            static (attempt, token) => ((Attempt)attempt!).Post(attempt => ((Attempt)attempt).Fail(new OperationCanceledException(token))), attempt);
        return await attempt.Task;
    }

    private static SocketException Failure(int error) => new((int)(error switch
    {
        1 or 13 => SocketError.AccessDenied, // EPERM, EACCES
        Libc.SystemDescriptorsError or Libc.ProcessDescriptorsError => SocketError.TooManyOpenSockets,
        Libc.NoBuffersError or Libc.NoMemoryError => SocketError.NoBufferSpaceAvailable,
        97 => SocketError.AddressFamilyNotSupported, // EAFNOSUPPORT
        99 => SocketError.AddressNotAvailable, // EADDRNOTAVAIL
        101 => SocketError.NetworkUnreachable, // ENETUNREACH
        104 => SocketError.ConnectionReset, // ECONNRESET
        110 => SocketError.TimedOut, // ETIMEDOUT
        111 => SocketError.ConnectionRefused, // ECONNREFUSED
        113 => SocketError.HostUnreachable, // EHOSTUNREACH
        _ => SocketError.SocketError,
    }));

    /// <summary>A connection that is not yet; on the loop's thread.</summary>
    private sealed class Attempt(EventLoop loop, TimeProvider time) : IEventHandler
    {
        private readonly TaskCompletionSource<EpollSocket> _result = new();
        private Descriptor? _descriptor;
        private ulong _key;

        public Task<EpollSocket> Task => _result.Task;

        public void Post(Action<object> work) => loop.Post(work, this);

        public unsafe void Begin(IPEndPoint endPoint)
        {
            var address = endPoint.Serialize();
            // The number of the family is Linux's already in the serialized form alone.
            _descriptor = Libc.Socket(address.Buffer.Span[0], Libc.StreamSocket | Libc.NonBlocking | Libc.CloseOnExec, 0);
            if (_descriptor.IsInvalid)
                throw Failure(Libc.Error);
            Libc.SetOption(_descriptor, Libc.TcpLevel, Libc.NoDelay, 1);
            int connected;
            fixed (byte* bytes = address.Buffer.Span)
                connected = Libc.Connect(_descriptor, bytes, address.Size);
            if (connected != 0 && Libc.Error != Libc.InProgressError)
            {
                var failure = Failure(Libc.Error);
                _descriptor.Dispose();
                throw failure;
            }
            _key = loop.Add(this, _descriptor, EpollSocket.Events);
        }

        public unsafe void OnEvents(EpollEvents events)
        {
            int error, length = sizeof(int);
            if (Libc.GetOption(_descriptor!, Libc.SocketLevel, Libc.PendingError, &error, &length) != 0 || error != 0)
            {
                Fail(Failure(error));
                return;
            }
            var socket = new EpollSocket(loop, _descriptor!, time, broken: null);
            socket.Start(_key);
            _descriptor = null;
            socket.OnEvents(events);
            _result.SetResult(socket);
        }

        public void Fail(Exception failure)
        {
            if (_descriptor is null)
                return;
            loop.Forget(_key);
            _descriptor.Dispose();
            _descriptor = null;
            _result.SetException(failure);
        }
    }
}
