using Gateway.Configuration.Model;

namespace Gateway.Proxy.Forwarding;

/// <summary>
/// Notices when an exchange stands still: the client sends nothing of its body (<c>client-body-timeout</c>), the upstream
/// takes nothing of it (<c>proxy-send-timeout</c>) or says nothing (<c>proxy-read-timeout</c>), or the client takes nothing
/// of the answer. Once the answer has begun, either side may be silent, as in a stream, as long as the other is not.
/// </summary>
internal sealed class Standstill(UpstreamTimeouts timeouts, TimeProvider time) : IDisposable
{
    /// <summary>
    /// How long a client may take nothing. Longer than nginx's <c>send_timeout</c> of 60 s: what the system holds for the
    /// client is drained unseen, and a slow client takes its time for that.
    /// </summary>
    public static readonly TimeSpan TakeTimeout = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _expired = new(Timeout.InfiniteTimeSpan, time);
    private volatile bool _answered;
    private volatile bool _taking;

    /// <summary>Who is to move next.</summary>
    public enum Waiting
    {
        /// <summary>Nobody: it has not begun.</summary>
        Nobody,

        /// <summary>The client is to send more of its body.</summary>
        Client,

        /// <summary>The upstream is to take what was read of it.</summary>
        Upstream,

        /// <summary>The upstream is to answer, or to go on with its answer.</summary>
        Answer,

        /// <summary>The client is to take what was read of the answer.</summary>
        Taker,
    }

    /// <summary>Cancelled when one side has stood still for too long.</summary>
    public CancellationToken Expired => _expired.Token;

    /// <summary>Whom it waits for, or waited for when it expired.</summary>
    public Waiting WaitsFor { get; private set; }

    /// <summary>What has gone wrong, by who was waited for when it expired.</summary>
    public static ForwardError Blame(Waiting whom) => whom switch
    {
        Waiting.Client or Waiting.Taker => ForwardError.ClientTimeout,
        Waiting.Upstream => ForwardError.SendTimeout,
        _ => ForwardError.ReadTimeout,
    };

    /// <summary>The client is to send within <paramref name="timeout"/>.</summary>
    public void AwaitBody(TimeSpan timeout) => AwaitRequest(Waiting.Client, timeout);

    /// <summary>The upstream is to take what was sent.</summary>
    public void AwaitUpstream() => AwaitRequest(Waiting.Upstream, timeouts.Send);

    /// <summary>The whole request was sent: the upstream is to answer.</summary>
    public void AwaitAnswer() => AwaitRequest(Waiting.Answer, timeouts.Read);

    /// <summary>A part of the answer has come: the client is to take it.</summary>
    public void AwaitTaker()
    {
        (_answered, _taking) = (true, true);
        Wait(Waiting.Taker, TakeTimeout);
    }

    /// <summary>The client has taken what there was: the upstream is to go on with its answer.</summary>
    public void AwaitMore()
    {
        _taking = false;
        Wait(Waiting.Answer, timeouts.Read);
    }

    /// <inheritdoc/>
    public void Dispose() => _expired.Dispose();

    private void AwaitRequest(Waiting whom, TimeSpan timeout)
    {
        if (!_answered)
            Wait(whom, timeout);
        else if (!_taking)
            Wait(Waiting.Answer, timeouts.Read);
    }

    private void Wait(Waiting whom, TimeSpan timeout)
    {
        if (_expired.IsCancellationRequested)
            return;
        WaitsFor = whom;
        _expired.CancelAfter(timeout);
    }
}
