namespace Gateway.Proxy.Forwarding;

/// <summary>
/// An HTTP/1.1 connection to an upstream. One that closes it before it has taken the whole request may have answered
/// first, say 413; but SocketsHttpHandler reads nothing before all is written. So what can no longer be written is
/// dropped, and the reader finds the answer, or that there is none.
/// </summary>
internal sealed class UpstreamStream(Stream inner) : DelegatingStream(inner)
{
    private bool _closed;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_closed)
            return;
        try
        {
            await Inner.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException)
        {
            _closed = true;
        }
    }
}
