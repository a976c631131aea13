namespace Gateway.Kubernetes.Events;

/// <summary>An Event that was written, and how often what it says has happened.</summary>
/// <param name="path">Where it is in the API.</param>
/// <param name="count">How often it says that it happened; 1: it has no <c>series</c>.</param>
/// <param name="timestamp">When it last happened.</param>
internal sealed class EventSeries(string path, int count, long timestamp)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);

    private int _written = count;
    private long _happenedAt = timestamp;

    /// <summary>Where it is in the API.</summary>
    public string Path => path;

    /// <summary>How often it has happened.</summary>
    public int Count { get; private set; } = count;

    /// <summary>When it last happened.</summary>
    public DateTimeOffset LastObserved { get; private set; }

    /// <summary>It happened again.</summary>
    public void Repeat(DateTimeOffset now, long timestamp)
    {
        Count++;
        LastObserved = now;
        _happenedAt = timestamp;
    }

    /// <summary>The count was written.</summary>
    public void Wrote(int written) => _written = written;

    /// <summary>Whether the count rose since it was written.</summary>
    public bool IsBehind => Count > _written;

    /// <summary>Whether it has not happened for so long that nobody need remember it.</summary>
    public bool IsQuiet(TimeProvider time) => !IsBehind && time.GetElapsedTime(_happenedAt) >= Quiet;
}
