using Gateway.Proxy.Balancing;
using Endpoint = Gateway.Proxy.Endpoints.Endpoint;

namespace Gateway.Proxy.Telemetry;

/// <summary>What is measured of an exchange while it goes on. Belongs to it, and is reused with it.</summary>
internal sealed class ExchangeRecord(TimeProvider time)
{
    private readonly Attempt[] _attempts = new Attempt[TriedEndpoints.MostTries];
    private long _began;
    private long _attemptBegan;
    private long _attemptLength;
    private int _count;

    /// <summary>The tries, first to last.</summary>
    public ReadOnlySpan<Attempt> Attempts => _attempts.AsSpan(0, _count);

    /// <summary>Bytes of the request's body that came.</summary>
    public long RequestBody { get; set; }

    /// <summary>Bytes of the answer's body that went to the client.</summary>
    public long AnswerBody { get; set; }

    /// <summary>The status to note where it is not the one that was sent: the client went away before, or its answer was cut off.</summary>
    public int? Status { get; set; }

    /// <summary>How long the exchange has taken.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    public void Begin() => _began = time.GetTimestamp();

    /// <summary>It is about to be sent to an endpoint.</summary>
    public void BeginAttempt() => (_attemptBegan, _attemptLength) = (time.GetTimestamp(), 0);

    /// <summary>A part of the answer's body has come from the endpoint and goes to the client.</summary>
    public void Pass(int count)
    {
        _attemptLength += count;
        AnswerBody += count;
    }

    /// <summary>The try is over.</summary>
    public void EndAttempt(Endpoint endpoint, int status) =>
        _attempts[_count++] = new Attempt(endpoint, time.GetElapsedTime(_attemptBegan), _attemptLength, status);

    /// <summary>Forgets the exchange.</summary>
    public void Clear()
    {
        _attempts.AsSpan(0, _count).Clear();
        (_count, RequestBody, AnswerBody, Status) = (0, 0, 0, null);
    }
}
