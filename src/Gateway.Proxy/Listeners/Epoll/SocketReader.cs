using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>
/// Reads a socket as a pipe is read, without a pipe: a buffer is rented when there is something to receive and returned when
/// it is consumed, so that an idle connection holds none, and what nobody asks for stays in the kernel, which
/// slows the sender down. Receives only on the loop's thread, and when somebody reads.
/// </summary>
internal sealed class SocketReader(EpollSocket socket) : PipeReader, ILoopWorker, IValueTaskSource<ReadResult>
{
    /// <summary>With less room than this behind what is not consumed, that is moved to the front.</summary>
    private const int LeastRoom = BufferPool.BufferSize / 4;

    private ManualResetValueTaskSourceCore<ReadResult> _result;
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _examined;
    private bool _begun;
    private int _canceled;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;

    // On the loop's thread only.
    private bool _waiting;
    private bool _readable;
    private bool _ending;

    void ILoopWorker.Fail(Exception exception) => socket.Abort(exception);

    /// <summary>Whether the peer's last byte was received.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether there may be something to receive without another event.</summary>
    public bool MayHaveMore => _readable;

    private bool IsDue => _canceled != 0 || socket.Fault is not null || HasEnded || (_end > _start && !_examined);

    public override bool TryRead(out ReadResult result)
    {
        if (IsDue || (socket.Loop.IsCurrent && _readable && socket.HasTurn && Receive()))
        {
            result = Take();
            return true;
        }
        result = default;
        return false;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        if (TryRead(out var result))
            return new ValueTask<ReadResult>(result);
        _result.Reset();
        _cancellation = cancellationToken;
        if (socket.Loop.IsCurrent)
            Wait();
        else
            _begun = true;
        return new ValueTask<ReadResult>(this, _result.Version);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_buffer is null)
            return;
        var all = new ReadOnlySequence<byte>(_buffer);
        _start = (int)all.GetOffset(consumed);
        _examined = all.GetOffset(examined) == _end;
        ReturnIfEmpty();
    }

    public override void CancelPendingRead()
    {
        Volatile.Write(ref _canceled, 1);
        Post();
    }

    public override void Complete(Exception? exception = null)
    {
        if (socket.Loop.IsCurrent)
            Drop();
        else
            socket.Loop.Post(static reader => ((SocketReader)reader).Drop(), this);
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _result.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _result.GetStatus(token);

    /// <summary>
    /// A read begun on another thread starts to wait only now that what follows it is known: otherwise it might be
    /// over by then, and what follows would run on the thread pool instead of the loop's thread.
    /// </summary>
    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _result.OnCompleted(continuation, state, token, flags);
        if (!_begun)
            return;
        _begun = false;
        socket.Loop.Post(
            static reader =>
            {
                ((SocketReader)reader).Wait();
                ((SocketReader)reader).GoOn();
            },
            this);
    }

    public void OnReadable(bool ending)
    {
        _readable = true;
        _ending |= ending;
        GoOn();
    }

    public void OnBroken() => GoOn();

    private void Wait()
    {
        _waiting = true;
        if (_cancellation.CanBeCanceled)
            _registration = _cancellation.UnsafeRegister(static reader => ((SocketReader)reader!).Post(), this);
        if (_readable && socket.Loop.IsCurrent && !socket.HasTurn)
            Post();
    }

    private void Post() => socket.Loop.Post(static reader => ((SocketReader)reader).GoOn(), this);

    private void GoOn()
    {
        if (!_waiting)
            return;
        if (!IsDue && !_cancellation.IsCancellationRequested)
        {
            if (!_readable)
                return;
            if (!socket.HasTurn)
            {
                Post();
                return;
            }
            if (!Receive())
                return;
        }
        _waiting = false;
        _registration.Unregister();
        _registration = default;
        if (_cancellation.IsCancellationRequested && !IsDue)
        {
            _result.SetException(new OperationCanceledException(_cancellation));
            return;
        }
        if (socket.Fault is { } fault)
            _result.SetException(fault);
        else
            _result.SetResult(Take());
    }

    private ReadResult Take()
    {
        var canceled = _canceled != 0 && Interlocked.Exchange(ref _canceled, 0) != 0;
        if (!canceled && socket.Fault is { } fault)
            throw fault;
        return new ReadResult(
            _buffer is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_buffer, _start, _end - _start), canceled, HasEnded);
    }

    /// <summary>Returns whether there is something to tell: data, the end, or a fault.</summary>
    private unsafe bool Receive()
    {
        MakeRoom();
        var room = _buffer!.Length - _end;
        nint count;
        fixed (byte* target = &_buffer[_end])
            count = Libc.Receive(socket.Descriptor, target, room, 0);
        if (count > 0)
        {
            _end += (int)count;
            _examined = false;
            // Less than asked for: nothing is left, and the next will come with an event, unless the last has come already.
            _readable = count == room || _ending;
            socket.Moved((int)count);
            return true;
        }
        ReturnIfEmpty();
        if (count == 0)
        {
            HasEnded = true;
            _readable = false;
            return true;
        }
        if (Libc.Error == Libc.InterruptedError)
            return Receive();
        _readable = false;
        if (Libc.Error == Libc.TryAgainError)
            return false;
        socket.Break(new ConnectionResetException(Libc.ErrorMessage));
        return true;
    }

    private void MakeRoom()
    {
        if (_buffer is null)
        {
            _buffer = socket.Loop.Buffers.Rent();
            _start = _end = 0;
        }
        if (_buffer.Length - _end >= LeastRoom)
            return;
        var target = _end - _start <= _buffer.Length - LeastRoom ? _buffer : socket.Loop.Buffers.Rent(_buffer.Length * 2);
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        if (target != _buffer)
            socket.Loop.Buffers.Return(_buffer);
        _buffer = target;
        (_start, _end) = (0, _end - _start);
    }

    private void Drop()
    {
        _waiting = false;
        _start = _end;
        ReturnIfEmpty();
    }

    private void ReturnIfEmpty()
    {
        if (_buffer is null || _start < _end)
            return;
        socket.Loop.Buffers.Return(_buffer);
        _buffer = null;
        _start = _end = 0;
    }
}
