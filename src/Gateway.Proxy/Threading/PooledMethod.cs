using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Gateway.Proxy.Threading;

/// <summary>An async method that waits, and its result. It is awaited once, as a <see cref="ValueTask"/> is.</summary>
internal abstract class PooledMethod<TResult> : IValueTaskSource<TResult>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<TResult> _result;

    public short Version => _result.Version;

    /// <summary>What goes on with it when that which it awaits is there.</summary>
    public abstract Action Suspend();

    public void SetResult(TResult result) => _result.SetResult(result);

    public void SetException(Exception exception) => _result.SetException(exception);

    public TResult GetResult(short token)
    {
        try
        {
            return _result.GetResult(token);
        }
        finally
        {
            _result.Reset();
            Return();
        }
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _result.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _result.OnCompleted(continuation, state, token, flags);

    protected abstract void Return();
}

/// <summary>The same with the state of the method, kept for the next call by the thread that has awaited it.</summary>
internal sealed class PooledMethod<TResult, TStateMachine> : PooledMethod<TResult>
    where TStateMachine : IAsyncStateMachine
{
    private const int MostKept = 1024;

    [ThreadStatic]
    private static PooledMethod<TResult, TStateMachine>? _kept;

    [ThreadStatic]
    private static int _count;

    private readonly Action _goOn;
    private ExecutionContext? _context;
    private PooledMethod<TResult, TStateMachine>? _next;

    private PooledMethod() => _goOn = GoOn;

    public TStateMachine Machine = default!;

    public static PooledMethod<TResult, TStateMachine> Rent()
    {
        if (_kept is not { } method)
            return new PooledMethod<TResult, TStateMachine>();
        (_kept, method._next) = (method._next, null);
        _count--;
        return method;
    }

    /// <inheritdoc/>
    public override Action Suspend()
    {
        _context = ExecutionContext.Capture();
        return _goOn;
    }

    /// <inheritdoc/>
    protected override void Return()
    {
        (Machine, _context) = (default!, null);
        if (_count >= MostKept)
            return;
        (_next, _kept) = (_kept, this);
        _count++;
    }

    private void GoOn()
    {
        // Almost always the one of the connection, whose bytes have just come.
        if (_context is null || _context == ExecutionContext.Capture())
            Machine.MoveNext();
        else
            ExecutionContext.Run(_context, static method => ((PooledMethod<TResult, TStateMachine>)method!).Machine.MoveNext(), this);
    }
}
