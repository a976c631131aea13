namespace Gateway.Proxy.Forwarding;

/// <summary>
/// The request body on its way to the upstream, watched for two kinds of standstill: the client sends nothing
/// (<c>client-body-timeout</c>), or the upstream takes nothing (<c>proxy-send-timeout</c>). The time between two
/// reads is the time that the upstream takes.
/// </summary>
internal sealed class BodyWatch(Stream body, TimeSpan clientTimeout, TimeSpan sendTimeout, UpstreamTransformer answer, TimeProvider time) : Stream
{
    private readonly CancellationTokenSource _expired = new(Timeout.InfiniteTimeSpan, time);
    private Waiting _waiting;

    /// <summary>Cancelled when one of the two has stood still for too long.</summary>
    public CancellationToken Expired => _expired.Token;

    /// <summary>Whether anything was read.</summary>
    public bool Touched { get; private set; }

    /// <summary>Whom it waits for, or waited for when it expired.</summary>
    public Waiting WaitsFor => _waiting;

    /// <summary>Who is to move next.</summary>
    public enum Waiting
    {
        /// <summary>Nobody: not begun, or all is sent.</summary>
        Nobody,

        /// <summary>The client is to send more.</summary>
        Client,

        /// <summary>The upstream is to take what was read.</summary>
        Upstream,
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Touched = true;
        // Once the answer flows, a client may be silent for as long as it likes: a stream of either side is not a stalled upload.
        Wait(Waiting.Client, answer.AnswerReceived ? Timeout.InfiniteTimeSpan : clientTimeout);
        var count = await body.ReadAsync(buffer, cancellationToken);
        // A read of nothing into nothing waits for data; it is not the end.
        if (count == 0 && buffer.Length > 0)
            Wait(Waiting.Nobody, Timeout.InfiniteTimeSpan);
        else
            Wait(Waiting.Upstream, sendTimeout);
        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private void Wait(Waiting whom, TimeSpan timeout)
    {
        if (_expired.IsCancellationRequested)
            return;
        _waiting = whom;
        _expired.CancelAfter(timeout);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _expired.Dispose();
        base.Dispose(disposing);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
