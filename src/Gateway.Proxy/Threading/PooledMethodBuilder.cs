using System.Runtime.CompilerServices;

namespace Gateway.Proxy.Threading;

#pragma warning disable CA1822 // The compiler calls them on an instance.

/// <summary>
/// Builds async methods whose state is kept for the next call where it had to be moved to the heap. The runtime's
/// <see cref="PoolingAsyncValueTaskMethodBuilder"/> keeps one for each thread and core: with hundreds of requests in flight on one thread,
/// as here, it allocates nearly every time.
/// </summary>
internal struct PooledMethodBuilder
{
    private PooledMethodBuilder<bool> _inner;

    public static PooledMethodBuilder Create() => default;

    public ValueTask Task => _inner.TaskWithoutResult;

    public void Start<TStateMachine>(ref TStateMachine machine)
        where TStateMachine : IAsyncStateMachine => default(AsyncValueTaskMethodBuilder).Start(ref machine);

    public readonly void SetStateMachine(IAsyncStateMachine machine) => _ = machine;

    public void SetResult() => _inner.SetResult(true);

    public void SetException(Exception exception) => _inner.SetException(exception);

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine machine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => _inner.AwaitOnCompleted(ref awaiter, ref machine);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine machine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => _inner.AwaitUnsafeOnCompleted(ref awaiter, ref machine);
}

/// <summary>The same for methods with a result.</summary>
internal struct PooledMethodBuilder<TResult>
{
    private PooledMethod<TResult>? _method;
    private Exception? _exception;
    private TResult _result;

    public static PooledMethodBuilder<TResult> Create() => default;

    public readonly ValueTask<TResult> Task =>
        _method is not null ? new ValueTask<TResult>(_method, _method.Version)
        : _exception is not null ? ValueTask.FromException<TResult>(_exception)
        : new ValueTask<TResult>(_result);

    public readonly ValueTask TaskWithoutResult =>
        _method is not null ? new ValueTask(_method, _method.Version)
        : _exception is not null ? ValueTask.FromException(_exception)
        : default;

    public void Start<TStateMachine>(ref TStateMachine machine)
        where TStateMachine : IAsyncStateMachine => default(AsyncValueTaskMethodBuilder).Start(ref machine);

    public readonly void SetStateMachine(IAsyncStateMachine machine) => _ = machine;

    public void SetResult(TResult result)
    {
        if (_method is null)
            _result = result;
        else
            _method.SetResult(result);
    }

    public void SetException(Exception exception)
    {
        if (_method is null)
            _exception = exception;
        else
            _method.SetException(exception);
    }

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine machine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(Suspend(ref machine));

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine machine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(Suspend(ref machine));

    private Action Suspend<TStateMachine>(ref TStateMachine machine)
        where TStateMachine : IAsyncStateMachine
    {
        if (_method is null)
        {
            var method = PooledMethod<TResult, TStateMachine>.Rent();
            // Before the state is copied: the copy has to know where it lives.
            _method = method;
            method.Machine = machine;
        }
        return _method.Suspend();
    }
}
