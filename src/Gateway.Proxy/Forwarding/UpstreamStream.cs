namespace Gateway.Proxy.Forwarding;

/// <summary>
/// An HTTP/1.1 connection to an upstream. One that closes it before it has taken the whole request may have answered
/// first, say 413; but SocketsHttpHandler reads nothing before all is written. So what can no longer be written is
/// dropped, and the reader finds the answer, or that there is none. One that closes it before its first answer fails:
/// SocketsHttpHandler would take that for a kept connection that ran out of time, and send the request again.
/// </summary>
internal sealed class UpstreamStream(Stream inner) : DelegatingStream(inner)
{
    private bool _closed;
    private bool _answered;

    /// <exception cref="IOException">It ended before anything was read.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await Inner.ReadAsync(buffer, cancellationToken);
        if (count > 0)
            _answered = true;
        else if (!_answered && buffer.Length > 0)
            throw new IOException("closed without an answer");
        return count;
    }

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
