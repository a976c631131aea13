using System.Threading.Tasks.Sources;
using Gateway.Proxy.Listeners.Epoll;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>The one receive of a <see cref="LoopSocket"/> that may be pending. All of it happens on the loop's thread.</summary>
internal sealed class LoopReceiver(LoopSocket socket) : IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _result;
    private Memory<byte> _buffer;
    private IReceiveRoom? _room;
    private bool _isWaiting;
    private bool _isReadable;
    private bool _isEnding;

    public ValueTask<int> Start(Memory<byte> buffer, IReceiveRoom? room)
    {
        if (socket.Fault is { } fault)
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
        if (socket.Fault is { } fault)
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
                count = (int)Libc.Receive(socket.Descriptor, target, buffer.Length, 0);
        }
        while (count < 0 && (error = Libc.Error) == Libc.InterruptedError);
        // Less than asked for: nothing is left, and the next will come with an event, unless the last has come already.
        _isReadable = count >= 0 && (count == buffer.Length || _isEnding);
        return count >= 0 || error != Libc.TryAgainError;
    }

    private static IOException Broken(int error) => new("The upstream has broken the connection.", LoopFailure.By(error));
}
