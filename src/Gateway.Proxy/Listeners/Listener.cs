using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Proxy.Listeners;

/// <summary>
/// An open port: accepts connections, hands them to a pipeline, counts them, and drains them when it closes.
/// </summary>
internal sealed class Listener
{
    /// <summary>An application that does not notice that its connection has gone is waited for no longer than this.</summary>
    private static readonly TimeSpan AbortGrace = TimeSpan.FromSeconds(1);

    /// <summary>How long a client whose request has only half come may take for the rest of its head once the listener closes.</summary>
    private static readonly TimeSpan HeadGrace = TimeSpan.FromSeconds(5);

    private readonly IConnectionListener _socket;
    private readonly Pipeline _pipeline;
    private readonly ListenerFeature _feature;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ConnectionContext, IConnectionLifetimeNotificationFeature> _connections = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;
    private volatile bool _closing;
    private volatile bool _aborting;
    private int _current;
    private long _total;

    public Listener(ListenerDefinition definition, IConnectionListener socket, Pipeline pipeline, TimeProvider time)
    {
        Definition = definition;
        _socket = socket;
        _pipeline = pipeline;
        _time = time;
        _feature = new ListenerFeature(definition.Name, definition.IsTls, definition.PublicPort ?? EndPoint.Port);
        _accepting = AcceptAsync();
    }

    public ListenerDefinition Definition { get; }

    public IPEndPoint EndPoint => (IPEndPoint)_socket.EndPoint;

    public ListenerStatus Status => new(Definition, EndPoint, Volatile.Read(ref _current), Interlocked.Read(ref _total));

    /// <summary>The first step of every pipeline: keeps account of the connection for as long as the server works on it.</summary>
    public static ConnectionDelegate Track(ConnectionDelegate next) => async connection =>
    {
        var listener = connection.Features.Get<Listener>()!;
        listener.Begin(connection);
        try
        {
            await next(connection);
        }
        finally
        {
            listener.End(connection);
        }
    };

    /// <summary>
    /// Frees the port, closes idle connections, and lets the others finish until <paramref name="cancellationToken"/>,
    /// which aborts them.
    /// </summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _socket.UnbindAsync(cancellationToken);
        await _accepting;
        _closing = true;
        foreach (var (_, lifetime) in _connections)
            lifetime.RequestClose();
        // With a fence: the last connection either sees that the listener is closing, or is seen here to have ended.
        if (Interlocked.CompareExchange(ref _current, 0, 0) == 0)
            _drained.TrySetResult();

        // The server itself would wait for as long as it ever waits for a head.
        await using var late = _time.CreateTimer(static listener => ((Listener)listener!).AbortHalfHeads(), this, HeadGrace, Timeout.InfiniteTimeSpan);
        await _drained.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_drained.Task.IsCompleted)
        {
            _aborting = true;
            foreach (var (connection, _) in _connections)
                Abort(connection);
            await _drained.Task.WaitAsync(AbortGrace, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await _socket.DisposeAsync();
    }

    private void AbortHalfHeads()
    {
        foreach (var (connection, _) in _connections)
        {
            if (connection.Features.Get<RequestActivity>() is { IsServing: false })
                Abort(connection);
        }
    }

    private async Task AcceptAsync()
    {
        while (await _socket.AcceptAsync() is { } connection)
        {
            Interlocked.Increment(ref _total);
            Interlocked.Increment(ref _current);
            connection.Features.Set(_feature);
            connection.Features.Set(this);
            connection.Features.Set(new RequestActivity());
            if (!_pipeline.TryHandOver(connection))
            {
                Interlocked.Decrement(ref _current);
                await connection.DisposeAsync();
            }
        }
    }

    private void Begin(ConnectionContext connection)
    {
        var lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>()!;
        _connections.TryAdd(connection, lifetime);
        if (_closing)
            lifetime.RequestClose();
        if (_aborting)
            Abort(connection);
    }

    private void End(ConnectionContext connection)
    {
        _connections.TryRemove(connection, out _);
        if (Interlocked.Decrement(ref _current) == 0 && _closing)
            _drained.TrySetResult();
    }

    private static void Abort(ConnectionContext connection) =>
        connection.Abort(new ConnectionAbortedException("The listener was closed."));
}
