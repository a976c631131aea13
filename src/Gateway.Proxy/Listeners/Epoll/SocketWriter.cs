using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>
/// Writes a socket as a pipe is written, without a pipe: a flush sends at once, on whichever thread; only what the kernel does not take
/// waits for the loop, and the flush with it. Buffers are held while there is something in them.
/// </summary>
internal sealed class SocketWriter(EpollSocket socket) : PipeWriter, ILoopWorker, IValueTaskSource<FlushResult>
{
    private const int MostVectors = 16;

    private readonly Queue<Filled> _filled = new(0);
    private ManualResetValueTaskSourceCore<FlushResult> _result;
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private int _skipped; // Of the first that is filled, what is sent.
    private int _queued;
    private int _canceled;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private bool _completed;

    // On the loop's thread only.
    private bool _waiting;
    private bool _finishing;

    void ILoopWorker.Fail(Exception exception) => socket.Abort(exception);

    /// <summary>How much was sent.</summary>
    public long Progress { get; private set; }

    /// <summary>Whether a flush waits for the kernel.</summary>
    public bool IsWaiting => _waiting;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _queued + _end - _start;

    public override Memory<byte> GetMemory(int sizeHint = 0) => RoomFor(sizeHint).AsMemory(_end);

    public override Span<byte> GetSpan(int sizeHint = 0) => RoomFor(sizeHint).AsSpan(_end);

    public override void Advance(int bytes) => _end += bytes;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        var isSent = Send();
        if (_canceled != 0 || (isSent && (!socket.Loop.IsCurrent || socket.HasTurn)))
            return new ValueTask<FlushResult>(Take());
        _result.Reset();
        _cancellation = cancellationToken;
        if (!socket.Loop.IsCurrent)
        {
            socket.Loop.Post(
                static writer =>
                {
                    ((SocketWriter)writer).Wait();
                    ((SocketWriter)writer).GoOn();
                },
                this);
        }
        else
        {
            Wait();
            // The kernel has taken all, but others come first.
            if (isSent)
                Post();
        }
        return new ValueTask<FlushResult>(this, _result.Version);
    }

    public override void CancelPendingFlush()
    {
        Volatile.Write(ref _canceled, 1);
        Post();
    }

    /// <summary>The rest is sent, then the peer is told that nothing more comes.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_completed)
            return;
        _completed = true;
        if (exception is not null)
            socket.Abort(exception);
        else if (socket.Loop.IsCurrent)
            Finish();
        else
            socket.Loop.Post(static writer => ((SocketWriter)writer).Finish(), this);
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _result.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _result.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _result.OnCompleted(continuation, state, token, flags);

    public void OnWritable()
    {
        GoOn();
        if (_finishing)
            Finish();
    }

    public void OnBroken() => GoOn();

    /// <summary>Sends what is left, however long it takes, and tells the socket; on the loop's thread.</summary>
    public void Finish()
    {
        _finishing = true;
        if (!Send())
            return;
        _finishing = false;
        if (socket.Fault is null)
            socket.OnAllSent();
    }

    private void Wait()
    {
        _waiting = true;
        if (_cancellation.CanBeCanceled)
            _registration = _cancellation.UnsafeRegister(static writer => ((SocketWriter)writer!).Post(), this);
    }

    private void Post() => socket.Loop.Post(static writer => ((SocketWriter)writer).GoOn(), this);

    private void GoOn()
    {
        if (!_waiting || !(_canceled != 0 || _cancellation.IsCancellationRequested || Send()))
            return;
        _waiting = false;
        _registration.Unregister();
        _registration = default;
        if (_cancellation.IsCancellationRequested)
            _result.SetException(new OperationCanceledException(_cancellation));
        else
            _result.SetResult(Take());
    }

    private FlushResult Take() =>
        new(isCanceled: _canceled != 0 && Interlocked.Exchange(ref _canceled, 0) != 0, isCompleted: socket.Fault is not null);

    private byte[] RoomFor(int size)
    {
        if (_buffer is not null && _buffer.Length - _end >= Math.Max(size, 1))
            return _buffer;
        SetAside();
        return _buffer = socket.Loop.Buffers.Rent(size);
    }

    private void SetAside()
    {
        if (_buffer is null)
            return;
        if (_end > _start)
        {
            _filled.Enqueue(new Filled(_buffer, _start, _end));
            _queued += _end - _start;
        }
        else
        {
            socket.Loop.Buffers.Return(_buffer);
        }
        _buffer = null;
        _start = _end = 0;
    }

    /// <summary>Returns whether nothing is left to send, be it that nobody takes it.</summary>
    private bool Send()
    {
        try
        {
            if (_filled.Count > 0)
                SetAside();
            while (socket.Fault is null && UnflushedBytes > 0)
            {
                var (count, asked) = _filled.Count > 0 ? SendFilled() : SendBuffer();
                if (count < 0)
                {
                    if (Libc.Error == Libc.InterruptedError)
                        continue;
                    if (Libc.Error == Libc.TryAgainError)
                        return false;
                    socket.Break(new ConnectionResetException(Libc.ErrorMessage));
                    break;
                }
                if (socket.Loop.IsCurrent)
                    socket.Moved((int)count);
                Sent((int)count);
                // Less than asked for: the kernel is full.
                if (count < asked)
                    return false;
            }
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile, which is said by the fault.
        }
        Drop();
        return true;
    }

    private unsafe (nint Count, nint Asked) SendBuffer()
    {
        var asked = _end - _start;
        fixed (byte* source = &_buffer![_start])
            return (Libc.Send(socket.Descriptor, source, asked, Libc.NoSignal), asked);
    }

    private unsafe (nint Count, nint Asked) SendFilled()
    {
        var vectors = stackalloc Libc.Vector[MostVectors];
        var count = 0;
        nint asked = 0;
        var skipped = _skipped;
        foreach (var (buffer, start, end) in _filled)
        {
            if (count == MostVectors)
                break;
            var length = end - start - skipped;
            vectors[count++] = new Libc.Vector { Base = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(buffer, start + skipped), Length = length };
            asked += length;
            skipped = 0;
        }
        var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = count };
        return (Libc.Send(socket.Descriptor, &message, Libc.NoSignal), asked);
    }

    private void Sent(int count)
    {
        Progress += count;
        if (_filled.Count == 0)
        {
            _start += count;
            return;
        }
        _queued -= count;
        _skipped += count;
        while (_filled.TryPeek(out var first) && _skipped >= first.End - first.Start)
        {
            _skipped -= first.End - first.Start;
            socket.Loop.Buffers.Return(_filled.Dequeue().Buffer);
        }
    }

    private void Drop()
    {
        while (_filled.TryDequeue(out var filled))
            socket.Loop.Buffers.Return(filled.Buffer);
        if (_buffer is not null)
            socket.Loop.Buffers.Return(_buffer);
        _buffer = null;
        _queued = _skipped = _start = _end = 0;
    }

    private readonly record struct Filled(byte[] Buffer, int Start, int End);
}
