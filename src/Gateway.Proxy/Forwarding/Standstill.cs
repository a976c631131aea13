using Gateway.Configuration.Model;

namespace Gateway.Proxy.Forwarding;

/// <summary>
/// Notices when an exchange stands still: the client sends nothing of its body (<c>client-body-timeout</c>), the upstream
/// takes nothing of it (<c>proxy-send-timeout</c>) or says nothing (<c>proxy-read-timeout</c>), or the client takes nothing
/// of the answer. Once the answer has begun, either side may be silent, as in a stream, as long as the other is not.
/// It is used for one exchange after the other.
/// </summary>
/// <remarks>
/// The timer is left alone for as long as it fires early enough: it fires once in a while and is set anew to what is left, so that an exchange that
/// goes well never touches it.
/// </remarks>
/// <param name="time">The clock.</param>
/// <param name="expired">Called once an exchange stands still, on another thread; <see cref="End"/> waits for it.</param>
internal sealed class Standstill(TimeProvider time, Action expired)
{
    /// <summary>
    /// How long a client may take nothing. Longer than nginx's <c>send_timeout</c> of 60 s: what the system holds for the
    /// client is drained unseen, and a slow client takes its time for that.
    /// </summary>
    public static readonly TimeSpan TakeTimeout = TimeSpan.FromMinutes(5);

    private const long Never = long.MaxValue;
    private const long Expired = -1;

    private UpstreamTimeouts _timeouts = UpstreamTimeouts.Default;
    private ITimer? _timer;
    private long _deadline = Never;
    private long _armedFor = Never;
    private volatile bool _isTold;
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

    /// <summary>Whether one side has stood still for too long.</summary>
    public bool HasExpired { get; private set; }

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
    public void AwaitUpstream() => AwaitRequest(Waiting.Upstream, _timeouts.Send);

    /// <summary>The whole request was sent: the upstream is to answer.</summary>
    public void AwaitAnswer() => AwaitRequest(Waiting.Answer, _timeouts.Read);

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
        Wait(Waiting.Answer, _timeouts.Read);
    }

    /// <summary>An exchange begins.</summary>
    public void Begin(UpstreamTimeouts timeouts)
    {
        _timeouts = timeouts;
        _answered = _taking = _isTold = HasExpired = false;
        WaitsFor = Waiting.Nobody;
    }

    /// <summary>The exchange is over: it expires no more.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _deadline, Never) == Expired)
            SpinWait.SpinUntil(() => _isTold);
    }

    private void AwaitRequest(Waiting whom, TimeSpan timeout)
    {
        if (!_answered)
            Wait(whom, timeout);
        else if (!_taking)
            Wait(Waiting.Answer, _timeouts.Read);
    }

    private void Wait(Waiting whom, TimeSpan timeout)
    {
        if (HasExpired)
            return;
        WaitsFor = whom;
        var deadline = timeout == Timeout.InfiniteTimeSpan ? Never : time.GetTimestamp() + (long)(timeout.TotalSeconds * time.TimestampFrequency);
        long before;
        do
        {
            before = Volatile.Read(ref _deadline);
            if (before == Expired)
                return;
        }
        while (Interlocked.CompareExchange(ref _deadline, deadline, before) != before);
        if (deadline < Volatile.Read(ref _armedFor))
            Arm(deadline);
    }

    /// <summary>Has the timer fire at <paramref name="deadline"/>, or at another one that is set meanwhile.</summary>
    private void Arm(long deadline)
    {
        _timer ??= time.CreateTimer(static standstill => ((Standstill)standstill!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        do
        {
            Interlocked.Exchange(ref _armedFor, deadline);
            var left = time.GetElapsedTime(time.GetTimestamp(), deadline);
            // Timers cut fractions of a millisecond off, and would fire early.
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(left.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
            var now = Volatile.Read(ref _deadline);
            if (now >= deadline || now == Expired)
                return;
            deadline = now;
        }
        while (true);
    }

    private void OnTimer()
    {
        Interlocked.Exchange(ref _armedFor, Never);
        while (true)
        {
            var deadline = Volatile.Read(ref _deadline);
            if (deadline is Never or Expired)
                return;
            if (time.GetTimestamp() < deadline)
            {
                Arm(deadline);
                return;
            }
            if (Interlocked.CompareExchange(ref _deadline, Expired, deadline) != deadline)
                continue;
            HasExpired = true;
            try
            {
                expired();
            }
            finally
            {
                _isTold = true;
            }
            return;
        }
    }
}
