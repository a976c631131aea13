using System.Net.Security;
using System.Net.Sockets;
using Gateway.Proxy.Endpoints;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>Connections over the runtime's sockets.</summary>
internal sealed class SocketTransport(UpstreamDialer dialer) : IUpstreamTransport
{
    private static readonly SslClientAuthenticationOptions Tls = UpstreamDialer.Tls(SslApplicationProtocol.Http11);

    /// <inheritdoc/>
    public async ValueTask<IUpstreamSocket> ConnectAsync(Endpoint endpoint, bool isTls, TimeSpan timeout, CancellationToken cancellation)
    {
        var (socket, stream) = await dialer.DialAsync(endpoint, isTls ? Tls : null, timeout, cancellation);
        return new StreamSocket(socket, stream);
    }

    private sealed class StreamSocket(Socket socket, Stream stream) : IUpstreamSocket
    {
        public bool IsSilent => !socket.Poll(0, SelectMode.SelectRead);

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => stream.ReadAsync(buffer);

        public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

        public void Abort() => socket.Dispose();

        public void Dispose() => stream.Dispose();
    }
}
