using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Gateway.Proxy.Listeners.Epoll;

using Gateway.Proxy.Threading;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>
/// A connection to an upstream in an event loop: that of the client whose requests it carries, so that one thread works on both. It is
/// received into and sent from its user's memory at once where the kernel lets it; used on another thread, it costs a hop to the loop's.
/// </summary>
internal sealed class LoopSocket : IUpstreamSocket, IEventHandler
{
    private readonly EventLoop _loop;
    private readonly Descriptor _descriptor;
    private readonly Receiving _receiving;
    private readonly Sending _sending;
    private ulong? _key;
    private bool _isConnecting;
    private volatile Exception? _fault;

    private LoopSocket(EventLoop loop, Descriptor descriptor)
    {
        (_loop, _descriptor) = (loop, descriptor);
        _receiving = new Receiving(this);
        _sending = new Sending(this);
    }

    /// <inheritdoc/>
    public unsafe bool IsSilent
    {
        get
        {
            byte next;
            try
            {
                return Libc.Receive(_descriptor, &next, 1, Libc.Peek) < 0 && Libc.Error == Libc.TryAgainError;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>The address that the connection goes out from.</summary>
    public unsafe IPAddress LocalAddress(AddressFamily family)
    {
        var address = new SocketAddress(family);
        var length = address.Size;
        fixed (byte* bytes = address.Buffer.Span)
            _ = Libc.LocalAddress(_descriptor, bytes, &length);
        return ((IPEndPoint)new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0).Create(address)).Address;
    }

    /// <summary>Connects; whoever awaits it goes on on the thread of <paramref name="loop"/>.</summary>
    /// <param name="loop">Where the connection lives.</param>
    /// <param name="endPoint">Where to.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SocketException">It failed.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static async ValueTask<LoopSocket> ConnectAsync(EventLoop loop, IPEndPoint endPoint, CancellationToken cancellation)
    {
        await loop.Switch();
        cancellation.ThrowIfCancellationRequested();
        var address = endPoint.Serialize();
        // The number of the family is Linux's already in the serialized form alone.
        var descriptor = Libc.Socket(address.Buffer.Span[0], Libc.StreamSocket | Libc.NonBlocking | Libc.CloseOnExec, 0);
        if (descriptor.IsInvalid)
            throw LoopFailure.By(Libc.Error);
        Libc.SetOption(descriptor, Libc.TcpLevel, Libc.NoDelay, 1);
        var socket = new LoopSocket(loop, descriptor);
        try
        {
            using var giving = cancellation.UnsafeRegister(static socket => ((LoopSocket)socket!).Abort(), socket);
            await socket.ConnectAsync(address);
            return socket;
        }
        catch
        {
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _loop.IsCurrent ? _receiving.Start(buffer, null) : HopAndReceiveAsync(buffer, null);

    /// <inheritdoc/>
    public ValueTask<int> ReceiveAsync(IReceiveRoom room) => _loop.IsCurrent ? _receiving.Start(default, room) : HopAndReceiveAsync(default, room);

    /// <inheritdoc/>
    public byte[] Rent(int least) => _loop.Buffers.Rent(least);

    /// <inheritdoc/>
    public void Return(byte[] buffer) => _loop.Buffers.Return(buffer);

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => _loop.IsCurrent ? _sending.Start(bytes) : HopAndSendAsync(bytes);

    /// <inheritdoc/>
    public void Abort() => End(new IOException("The connection was broken off."));

    /// <inheritdoc/>
    public void Dispose() => End(new ObjectDisposedException(nameof(LoopSocket)));

    /// <inheritdoc/>
    public void Fail(Exception exception) => End(exception);

    /// <inheritdoc/>
    public void OnEvents(EpollEvents events)
    {
        // An upstream that has reset the connection may have answered before: that is still received.
        if ((events & ~EpollEvents.Writable) != 0)
            _receiving.OnReadable((events & (EpollEvents.PeerEnded | EpollEvents.BothEnded | EpollEvents.Error)) != 0);
        if ((events & (EpollEvents.Writable | EpollEvents.BothEnded | EpollEvents.Error)) == 0)
            return;
        if (_isConnecting)
            OnConnected();
        else
            _sending.GoOn();
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> HopAndReceiveAsync(Memory<byte> buffer, IReceiveRoom? room)
    {
        await _loop.Switch();
        return await _receiving.Start(buffer, room);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask HopAndSendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _loop.Switch();
        await _sending.Start(bytes);
    }

    private unsafe ValueTask ConnectAsync(SocketAddress address)
    {
        int connected;
        fixed (byte* bytes = address.Buffer.Span)
            connected = Libc.Connect(_descriptor, bytes, address.Size);
        if (connected != 0 && Libc.Error != Libc.InProgressError)
            return ValueTask.FromException(LoopFailure.By(Libc.Error));
        _isConnecting = true;
        _key = _loop.Add(this, _descriptor, EpollSocket.Events);
        return _sending.Wait();
    }

    private unsafe void OnConnected()
    {
        _isConnecting = false;
        int error, length = sizeof(int);
        if (Libc.GetOption(_descriptor, Libc.SocketLevel, Libc.PendingError, &error, &length) != 0)
            error = Libc.Error;
        _sending.End(error == 0 ? null : LoopFailure.By(error));
    }

    private void End(Exception fault)
    {
        if (Interlocked.CompareExchange(ref _fault, fault, null) is not null)
            return;
        if (_loop.IsCurrent)
            Release();
        else
            _loop.Post(static socket => ((LoopSocket)socket).Release(), this);
    }

    private void Release()
    {
        if (_key is { } key)
            _loop.Forget(key);
        _descriptor.Dispose();
        _receiving.GoOn();
        _sending.End(_fault);
    }

    /// <summary>The one receive that may be pending. All of it happens on the loop's thread.</summary>
    private sealed class Receiving(LoopSocket socket) : IValueTaskSource<int>
    {
        private ManualResetValueTaskSourceCore<int> _result;
        private Memory<byte> _buffer;
        private IReceiveRoom? _room;
        private bool _isWaiting;
        private bool _isReadable;
        private bool _isEnding;

        public ValueTask<int> Start(Memory<byte> buffer, IReceiveRoom? room)
        {
            if (socket._fault is { } fault)
                return ValueTask.FromException<int>(fault);
            var error = 0;
            (_buffer, _room) = (buffer, room);
            if (_isReadable && TryReceive(out var count, out error))
                return error == 0 ? ValueTask.FromResult(count) : ValueTask.FromException<int>(Broken(error));
            _result.Reset();
            _isWaiting = true;
            return new ValueTask<int>(this, _result.Version);
        }

        public void OnReadable(bool isEnding)
        {
            _isReadable = true;
            _isEnding |= isEnding;
            GoOn();
        }

        public void GoOn()
        {
            if (!_isWaiting)
                return;
            if (socket._fault is { } fault)
            {
                End();
                _result.SetException(fault);
            }
            else if (_isReadable && TryReceive(out var count, out var error))
            {
                End();
                if (error == 0)
                    _result.SetResult(count);
                else
                    _result.SetException(Broken(error));
            }
        }

        int IValueTaskSource<int>.GetResult(short token) => _result.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _result.GetStatus(token);

        void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _result.OnCompleted(continuation, state, token, flags);

        private void End() => (_buffer, _room, _isWaiting) = (default, null, false);

        /// <summary>Returns whether there is something to tell: bytes, the end, or an error.</summary>
        private unsafe bool TryReceive(out int count, out int error)
        {
            error = 0;
            var buffer = (_room?.Room ?? _buffer).Span;
            do
            {
                fixed (byte* target = buffer)
                    count = (int)Libc.Receive(socket._descriptor, target, buffer.Length, 0);
            }
            while (count < 0 && (error = Libc.Error) == Libc.InterruptedError);
            // Less than asked for: nothing is left, and the next will come with an event, unless the last has come already.
            _isReadable = count >= 0 && (count == buffer.Length || _isEnding);
            return count >= 0 || error != Libc.TryAgainError;
        }

        private static IOException Broken(int error) => new("The upstream has broken the connection.", LoopFailure.By(error));
    }

    /// <summary>The one send, or connect, that may be pending. All of it happens on the loop's thread.</summary>
    private sealed class Sending(LoopSocket socket) : IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<bool> _result;
        private ReadOnlyMemory<byte> _rest;
        private bool _isWaiting;

        public ValueTask Start(ReadOnlyMemory<byte> bytes)
        {
            if (socket._fault is { } fault)
                return ValueTask.FromException(fault);
            _rest = bytes;
            if (!Send(out var failure))
                return Wait();
            return failure is null ? ValueTask.CompletedTask : ValueTask.FromException(failure);
        }

        public ValueTask Wait()
        {
            _result.Reset();
            _isWaiting = true;
            return new ValueTask(this, _result.Version);
        }

        public void GoOn()
        {
            if (_isWaiting && Send(out var failure))
                End(failure);
        }

        public void End(Exception? failure)
        {
            if (!_isWaiting)
                return;
            _isWaiting = false;
            if (failure is null)
                _result.SetResult(true);
            else
                _result.SetException(failure);
        }

        void IValueTaskSource.GetResult(short token) => _result.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _result.GetStatus(token);

        void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _result.OnCompleted(continuation, state, token, flags);

        /// <summary>Returns whether it is over: all is sent, or it has failed. What is to be received is not touched by that.</summary>
        private unsafe bool Send(out Exception? failure)
        {
            failure = null;
            while (!_rest.IsEmpty)
            {
                nint count;
                fixed (byte* source = _rest.Span)
                    count = Libc.Send(socket._descriptor, source, _rest.Length, Libc.NoSignal);
                if (count >= 0)
                {
                    _rest = _rest[(int)count..];
                    continue;
                }
                var error = Libc.Error;
                if (error == Libc.InterruptedError)
                    continue;
                if (error == Libc.TryAgainError)
                    return false;
                failure = new IOException("The upstream takes no more.", LoopFailure.By(error));
                break;
            }
            _rest = default;
            return true;
        }
    }
}
