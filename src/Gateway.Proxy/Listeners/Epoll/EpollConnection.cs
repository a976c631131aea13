using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>A client's connection, as Kestrel wants it. Its event loop is among its features.</summary>
internal sealed class EpollConnection : ConnectionContext,
    IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature, IMemoryPoolFeature
{
    private static long _lastId;

    private readonly EpollSocket _socket;
    private readonly CancellationTokenSource _closed = new();
    private string? _id;
    private IDictionary<object, object?>? _items;
    private int _isClosed;

    /// <summary>Takes an accepted socket over.</summary>
    public EpollConnection(EventLoop loop, Descriptor descriptor, IPEndPoint local, IPEndPoint remote, EpollTransport transport)
    {
        loop.AddLoad(1);
        _socket = new EpollSocket(loop, descriptor, transport.Time, OnBroken);
        Transport = _socket;
        (LocalEndPoint, RemoteEndPoint, MemoryPool) = (local, remote, transport.Memory);
        ConnectionClosed = _closed.Token;
        Features.Set<IConnectionIdFeature>(this);
        Features.Set<IConnectionTransportFeature>(this);
        Features.Set<IConnectionItemsFeature>(this);
        Features.Set<IConnectionLifetimeFeature>(this);
        Features.Set<IConnectionEndPointFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
        Features.Set(loop);
        _socket.Start();
    }

    public override string ConnectionId
    {
        get => _id ??= "E" + Interlocked.Increment(ref _lastId).ToString("X", CultureInfo.InvariantCulture);
        set => _id = value;
    }

    public override IFeatureCollection Features { get; } = new FeatureCollection(16);

    public override IDictionary<object, object?> Items { get => _items ??= new ConnectionItems(); set => _items = value; }

    public override IDuplexPipe Transport { get; set; }

    /// <summary>
    /// Fires when the connection is reset or aborted, or is closed; not when the client has ended its side alone, since it still
    /// waits for its answer then (RFC 9112 9.6).
    /// </summary>
    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public MemoryPool<byte> MemoryPool { get; }

    public override void Abort(ConnectionAbortedException abortReason) => _socket.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        await _socket.CloseAsync();
        await base.DisposeAsync();
        OnBroken();
    }

    private void OnBroken()
    {
        // Callbacks are the server's, and its application's: they do not hold up the loop.
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;
        _socket.Loop.AddLoad(-1);
        ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);
    }
}
