using System.Threading.Tasks.Sources;
using Gateway.Proxy.Listeners.Epoll;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>The one send, or connect, of a <see cref="LoopSocket"/> that may be pending. All of it happens on the loop's thread.</summary>
internal sealed class LoopSender(LoopSocket socket) : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _result;
    private ReadOnlyMemory<byte> _rest;
    private bool _isWaiting;

    public ValueTask Start(ReadOnlyMemory<byte> bytes)
    {
        if (socket.Fault is { } fault)
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
                count = Libc.Send(socket.Descriptor, source, _rest.Length, Libc.NoSignal);
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
