using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using Gateway.Proxy.Endpoints;
using Gateway.Proxy.Listeners.Epoll;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>
/// Opens the connections of the lean forwarder: in the event loop of the client's where it has one, else, and with TLS, which is worth more
/// than the hop, over the runtime's sockets.
/// </summary>
internal sealed class LeanTransport(UpstreamDialer dialer)
{
    private static readonly SslClientAuthenticationOptions Tls = UpstreamDialer.Tls(SslApplicationProtocol.Http11);

    /// <summary>Connects to <paramref name="endpoint"/>.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="isTls">Whether with a TLS handshake.</param>
    /// <param name="loop">The loop of the client's connection, or null.</param>
    /// <param name="timeout">How long all of it may take.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TimeoutException">It took longer than <paramref name="timeout"/>.</exception>
    public async ValueTask<IUpstreamSocket> ConnectAsync(Endpoint endpoint, bool isTls, EventLoop? loop, TimeSpan timeout, CancellationToken cancellation)
    {
        if (!isTls && loop is not null)
            return await dialer.DialAsync(endpoint, loop, timeout, cancellation);
        var (socket, stream) = await dialer.DialAsync(endpoint, isTls ? Tls : null, timeout, cancellation);
        return new StreamSocket(socket, stream);
    }

    private sealed class StreamSocket(Socket socket, Stream stream) : IUpstreamSocket
    {
        public bool IsSilent => !socket.Poll(0, SelectMode.SelectRead);

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => stream.ReadAsync(buffer);

        public ValueTask<int> ReceiveAsync(IReceiveRoom room) => stream.ReadAsync(room.Room);

        public byte[] Rent(int least) => ArrayPool<byte>.Shared.Rent(least);

        public void Return(byte[] buffer) => ArrayPool<byte>.Shared.Return(buffer);

        public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

        public void Abort() => socket.Dispose();

        public void Dispose() => stream.Dispose();
    }
}
