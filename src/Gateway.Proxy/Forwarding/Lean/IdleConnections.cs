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

    /// <summary>Takes the one that was used last; null when there is none.</summary>
    public LeanConnection? Pop()
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

    /// <summary>Returns false where there are <paramref name="most"/> already, or it is closed.</summary>
    public bool Push(LeanConnection connection, int most)
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
}
