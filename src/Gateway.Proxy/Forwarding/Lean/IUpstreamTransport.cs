using Gateway.Proxy.Endpoints;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>Opens the connections of the lean forwarder: what they are made of is not its business.</summary>
internal interface IUpstreamTransport
{
    /// <summary>Connects to <paramref name="endpoint"/>, with a TLS handshake where <paramref name="isTls"/> is true.</summary>
    /// <exception cref="TimeoutException">It took longer than <paramref name="timeout"/>.</exception>
    ValueTask<IUpstreamSocket> ConnectAsync(Endpoint endpoint, bool isTls, TimeSpan timeout, CancellationToken cancellation);
}

/// <summary>One connection as a stream of bytes. One receive and one send may be pending at a time.</summary>
internal interface IUpstreamSocket : IDisposable
{
    /// <summary>Receives some bytes; 0: the upstream sends no more.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends all of <paramref name="bytes"/>.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Whether the connection is open and nothing has come that was not received.</summary>
    bool IsSilent { get; }

    /// <summary>Breaks the connection off; what is pending fails. May be called by any thread, at any time.</summary>
    void Abort();
}
