namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>Has room for what is received.</summary>
internal interface IReceiveRoom
{
    /// <summary>At least a byte; asked for once for each receive.</summary>
    Memory<byte> Room { get; }
}

/// <summary>A connection to an upstream as a stream of bytes. One receive and one send may be pending at a time.</summary>
internal interface IUpstreamSocket : IDisposable
{
    /// <summary>Receives some bytes; 0: the upstream sends no more.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>The same, into memory that <paramref name="room"/> is asked for only when there are bytes, where that can be known.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    ValueTask<int> ReceiveAsync(IReceiveRoom room);

    /// <summary>Sends all of <paramref name="bytes"/>.</summary>
    /// <exception cref="IOException">The upstream takes no more; it may have answered.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Lends a buffer of at least so many bytes, the one that was used last.</summary>
    byte[] Rent(int least);

    /// <summary>Takes it back.</summary>
    void Return(byte[] buffer);

    /// <summary>Whether the connection is open and nothing has come that was not received. On any thread.</summary>
    bool IsSilent { get; }

    /// <summary>Breaks the connection off; what is pending fails. May be called by any thread, at any time.</summary>
    void Abort();
}
