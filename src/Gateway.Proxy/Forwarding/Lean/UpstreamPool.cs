using Gateway.Proxy.Listeners.Epoll;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>The idle connections to one address, shared by the endpoints that have it.</summary>
/// <param name="closed">Called once when the last endpoint has left.</param>
internal sealed class UpstreamPool(Action<UpstreamPool> closed)
{
    private readonly Lock _joining = new();
    private readonly IdleConnections _plain = new();
    private readonly IdleConnections _tls = new();
    private IdleConnections?[] _byLoop = [];
    private int _endpoints;
    private bool _closed;

    /// <summary>Takes note of an endpoint that has the address; false: too late, it is closed.</summary>
    public bool TryJoin()
    {
        lock (_joining)
        {
            if (!_closed)
                _endpoints++;
            return !_closed;
        }
    }

    /// <summary>An endpoint has the address no more. With the last one, all connections are closed, and those that are given back later.</summary>
    public void Leave()
    {
        lock (_joining)
        {
            if (--_endpoints > 0)
                return;
        }
        Close();
    }

    /// <summary>The connections that are good for a request: in <paramref name="loop"/> if one is given.</summary>
    public IdleConnections Of(bool isTls, EventLoop? loop)
    {
        if (isTls)
            return _tls;
        if (loop is null)
            return _plain;
        var byLoop = Volatile.Read(ref _byLoop);
        return loop.Number < byLoop.Length && byLoop[loop.Number] is { } idle ? idle : Add(loop);
    }

    /// <summary>Closes the connections that are too old, or that the upstream has closed.</summary>
    public void Sweep(KeptConnections kept, TimeProvider time)
    {
        _plain.Sweep(kept, time);
        _tls.Sweep(kept, time);
        foreach (var idle in Volatile.Read(ref _byLoop))
            idle?.Sweep(kept, time);
    }

    /// <summary>Closes all connections, and those that are given back from now on.</summary>
    public void Close()
    {
        closed(this);
        lock (_joining)
        {
            _closed = true;
            _plain.Close();
            _tls.Close();
            foreach (var idle in _byLoop)
                idle?.Close();
        }
    }

    private IdleConnections Add(EventLoop loop)
    {
        lock (_joining)
        {
            if (loop.Number >= _byLoop.Length)
            {
                var larger = new IdleConnections?[loop.Number + 1];
                _byLoop.CopyTo(larger, 0);
                Volatile.Write(ref _byLoop, larger);
            }
            if (_byLoop[loop.Number] is { } added)
                return added;
            var idle = new IdleConnections();
            if (_closed)
                idle.Close();
            return _byLoop[loop.Number] = idle;
        }
    }
}
