using Gateway.Configuration.Model;
using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Forwarding;

/// <summary>
/// The request body on its way to the upstream, watched for its size and for standstill of either side: the client
/// sends nothing (<c>client-body-timeout</c>), the upstream takes nothing (<c>proxy-send-timeout</c>) or says nothing
/// (<c>proxy-read-timeout</c>). The time between two reads of the body is the time that the upstream takes.
/// </summary>
internal sealed class BodyWatch(Stream body, long? maxBytes, TimeSpan clientTimeout, UpstreamTimeouts timeouts, TimeProvider time) : DelegatingStream(body, leaveOpen: true)
{
    private readonly CancellationTokenSource _expired = new(Timeout.InfiniteTimeSpan, time);
    private volatile bool _answered;
    private long _received;

    /// <summary>Who is to move next.</summary>
    public enum Waiting
    {
        /// <summary>Nobody: it has not begun.</summary>
        Nobody,

        /// <summary>The client is to send more.</summary>
        Client,

        /// <summary>The upstream is to take what was read.</summary>
        Upstream,

        /// <summary>The upstream is to answer, or to go on with its answer.</summary>
        Answer,
    }

    /// <summary>Cancelled when one side has stood still for too long.</summary>
    public CancellationToken Expired => _expired.Token;

    /// <summary>Whether anything was read.</summary>
    public bool Touched { get; private set; }

    /// <summary>Whether all of it was read.</summary>
    public bool Ended { get; private set; }

    /// <summary>Whom it waits for, or waited for when it expired.</summary>
    public Waiting WaitsFor { get; private set; }

    /// <summary>A part of the answer has come. From then on either side may be silent, as in a stream, as long as the other is not.</summary>
    public void AnswerMoved()
    {
        _answered = true;
        Wait(Waiting.Answer, timeouts.Read);
    }

    /// <inheritdoc/>
    /// <exception cref="BadHttpRequestException">It is longer than allowed, or malformed.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Touched = true;
        Wait(Waiting.Client, clientTimeout);
        int count;
        try
        {
            count = await Inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is OverflowException || e.InnerException is OverflowException)
        {
            // The server's word for a chunk size that no number holds.
            throw new BadHttpRequestException("The size of a chunk is out of range.", StatusCodes.Status400BadRequest, e);
        }
        _received += count;
        if (_received > maxBytes)
            throw new BadHttpRequestException("The request body is too large.", StatusCodes.Status413PayloadTooLarge);
        // A read of nothing into nothing waits for data; it is not the end.
        Ended = count == 0 && buffer.Length > 0;
        if (Ended)
            Wait(Waiting.Answer, timeouts.Read);
        else
            Wait(Waiting.Upstream, timeouts.Send);
        return count;
    }

    private void Wait(Waiting whom, TimeSpan timeout)
    {
        if (_expired.IsCancellationRequested)
            return;
        WaitsFor = _answered ? Waiting.Answer : whom;
        _expired.CancelAfter(_answered ? timeouts.Read : timeout);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _expired.Dispose();
        base.Dispose(disposing);
    }
}
