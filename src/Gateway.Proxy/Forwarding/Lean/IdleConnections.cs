namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>
/// Idle connections to one address that are good for the same: a loop's, or those with TLS. The last one that was used is used first, so that those
/// which are too many grow old.
/// </summary>
internal sealed class IdleConnections
{
    // Held for as long as it takes to move a reference, and by one loop alone, but for the sweep.
    private readonly Lock _lock = new();
    private LeanConnection?[] _idle = new LeanConnection?[4];
    private int _count;
    private bool _closed;

    /// <summary>Takes a connection that is open, silent and not too old; null when there is none.</summary>
    /// <param name="mayRepeat">Whether the request may be sent again, should the upstream be closing the connection just now.</param>
    /// <param name="kept">How long connections are kept.</param>
    /// <param name="time">The clock.</param>
    public LeanConnection? Rent(bool mayRepeat, KeptConnections kept, TimeProvider time)
    {
        while (Pop() is { } connection)
        {
            if (connection.IsFresh(kept, time, time.GetTimestamp()) && (mayRepeat || connection.IsSilent) && connection.Begin())
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
        if (connection.Exchanges >= kept.Requests || !connection.IsFresh(kept, time, now) || !TryPush(connection, kept.Most))
            connection.Dispose();
    }

    /// <summary>Closes those that are too old, or that the upstream has closed.</summary>
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
                if (connection.IsFresh(kept, time, now) && connection.IsSilent)
                    _idle[left++] = connection;
                else
                    connection.Dispose();
            }
            _count = left;
        }
    }

    /// <summary>Closes all; from now on none is taken.</summary>
    public void Close()
    {
        lock (_lock)
            _closed = true;
        while (Pop() is { } connection)
            connection.Dispose();
    }

    private LeanConnection? Pop()
    {
        lock (_lock)
        {
            if (_count == 0)
                return null;
            var connection = _idle[--_count];
            _idle[_count] = null;
            return connection;
        }
    }

    private bool TryPush(LeanConnection connection, int most)
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
}
