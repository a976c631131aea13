namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>
/// The idle connections to one address, shared by the endpoints that have it. The last one that was used is used first, so that those which are too many
/// grow old.
/// </summary>
/// <param name="closed">Called once when the last endpoint has left.</param>
internal sealed class UpstreamPool(Action<UpstreamPool> closed)
{
    // Held for as long as it takes to move a reference, or to look over the idle connections.
    private readonly Lock _lock = new();
    private LeanConnection?[] _idle = new LeanConnection?[4];
    private int _count;
    private int _endpoints;
    private bool _closed;

    /// <summary>Takes note of an endpoint that has the address; false: too late, it is closed.</summary>
    public bool TryJoin()
    {
        lock (_lock)
        {
            if (!_closed)
                _endpoints++;
            return !_closed;
        }
    }

    /// <summary>An endpoint has the address no more. With the last one, all connections are closed, and those that are given back later.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (--_endpoints > 0)
                return;
        }
        Close();
    }

    /// <summary>Takes a connection that is open, silent and not too old; null when there is none.</summary>
    public LeanConnection? Rent(bool isTls, KeptConnections kept, TimeProvider time)
    {
        while (Pop(isTls) is { } connection)
        {
            if (IsFresh(connection, kept, time, time.GetTimestamp()) && connection.Begin())
                return connection;
            connection.Dispose();
        }
        return null;
    }

    /// <summary>Gives a connection back, whose exchange has ended well; it is closed if it is not to be kept.</summary>
    public void Return(LeanConnection connection, KeptConnections kept, TimeProvider time)
    {
        var now = time.GetTimestamp();
        connection.Rest(now);
        if (!IsFresh(connection, kept, time, now) || !Push(connection, kept.Most))
            connection.Dispose();
    }

    /// <summary>Closes the connections that are too old, or that the upstream has closed.</summary>
    public void Sweep(KeptConnections kept, TimeProvider time)
    {
        if (Volatile.Read(ref _count) == 0)
            return;
        var now = time.GetTimestamp();
        lock (_lock)
        {
            var left = 0;
            for (var i = 0; i < _count; i++)
            {
                var connection = _idle[i]!;
                _idle[i] = null;
                if (IsFresh(connection, kept, time, now) && connection.IsSilent)
                    _idle[left++] = connection;
                else
                    connection.Dispose();
            }
            _count = left;
        }
    }

    /// <summary>Closes all connections, and those that are given back from now on.</summary>
    public void Close()
    {
        closed(this);
        LeanConnection?[] idle;
        lock (_lock)
        {
            _closed = true;
            idle = _idle;
            _idle = [];
            _count = 0;
        }
        foreach (var connection in idle)
            connection?.Dispose();
    }

    private static bool IsFresh(LeanConnection connection, KeptConnections kept, TimeProvider time, long now) =>
        connection.Kept == kept && time.GetElapsedTime(connection.IdleSince, now) < kept.Idle && time.GetElapsedTime(connection.Opened, now) < kept.Life;

    private LeanConnection? Pop(bool isTls)
    {
        lock (_lock)
        {
            // Almost always the first: hardly a service is spoken to both with and without TLS.
            for (var i = _count - 1; i >= 0; i--)
            {
                if (_idle[i]!.IsTls == isTls)
                    return RemoveAt(i);
            }
            return null;
        }
    }

    private bool Push(LeanConnection connection, int most)
    {
        lock (_lock)
        {
            if (_closed || _count >= most)
                return false;
            if (_count == _idle.Length)
                Array.Resize(ref _idle, _count * 2);
            _idle[_count++] = connection;
            return true;
        }
    }

    private LeanConnection RemoveAt(int index)
    {
        var connection = _idle[index]!;
        _count--;
        Array.Copy(_idle, index + 1, _idle, index, _count - index);
        _idle[_count] = null;
        return connection;
    }
}
