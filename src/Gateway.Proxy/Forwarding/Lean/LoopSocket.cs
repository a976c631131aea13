using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
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
    private readonly LoopReceiver _receiver;
    private readonly LoopSender _sender;
    private ulong? _key;
    private bool _isConnecting;
    private volatile Exception? _fault;

    private LoopSocket(EventLoop loop, Descriptor descriptor)
    {
        (_loop, Descriptor) = (loop, descriptor);
        _receiver = new LoopReceiver(this);
        _sender = new LoopSender(this);
    }

    public Descriptor Descriptor { get; }

    /// <summary>Why the connection can no longer be used.</summary>
    public Exception? Fault => _fault;

    /// <inheritdoc/>
    public unsafe bool IsSilent
    {
        get
        {
            byte next;
            try
            {
                return Libc.Receive(Descriptor, &next, 1, Libc.Peek) < 0 && Libc.Error == Libc.TryAgainError;
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
            _ = Libc.LocalAddress(Descriptor, bytes, &length);
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
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _loop.IsCurrent ? _receiver.Start(buffer, null) : HopAndReceiveAsync(buffer, null);

    /// <inheritdoc/>
    public ValueTask<int> ReceiveAsync(IReceiveRoom room) => _loop.IsCurrent ? _receiver.Start(default, room) : HopAndReceiveAsync(default, room);

    /// <inheritdoc/>
    public byte[] Rent(int least) => _loop.Buffers.Rent(least);

    /// <inheritdoc/>
    public void Return(byte[] buffer) => _loop.Buffers.Return(buffer);

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => _loop.IsCurrent ? _sender.Start(bytes) : HopAndSendAsync(bytes);

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
            _receiver.OnReadable((events & (EpollEvents.PeerEnded | EpollEvents.BothEnded | EpollEvents.Error)) != 0);
        if ((events & (EpollEvents.Writable | EpollEvents.BothEnded | EpollEvents.Error)) == 0)
            return;
        if (_isConnecting)
            OnConnected();
        else
            _sender.GoOn();
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> HopAndReceiveAsync(Memory<byte> buffer, IReceiveRoom? room)
    {
        await _loop.Switch();
        return await _receiver.Start(buffer, room);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask HopAndSendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _loop.Switch();
        await _sender.Start(bytes);
    }

    private unsafe ValueTask ConnectAsync(SocketAddress address)
    {
        int connected;
        fixed (byte* bytes = address.Buffer.Span)
            connected = Libc.Connect(Descriptor, bytes, address.Size);
        if (connected != 0 && Libc.Error != Libc.InProgressError)
            return ValueTask.FromException(LoopFailure.By(Libc.Error));
        _isConnecting = true;
        _key = _loop.Add(this, Descriptor, EpollSocket.Events);
        return _sender.Wait();
    }

    private unsafe void OnConnected()
    {
        _isConnecting = false;
        int error, length = sizeof(int);
        if (Libc.GetOption(Descriptor, Libc.SocketLevel, Libc.PendingError, &error, &length) != 0)
            error = Libc.Error;
        _sender.End(error == 0 ? null : LoopFailure.By(error));
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
        Descriptor.Dispose();
        _receiver.GoOn();
        _sender.End(_fault);
    }
}
