
namespace Gateway.Kubernetes.Informers;

/// <summary>How the gateway's knowledge of one kind stands. One writer; may be read from any thread.</summary>
public sealed class KindStatus
{
    private readonly Func<int> _objects;
    private readonly TimeProvider _time;
    private long _lastConfirmed;
    private long _lastEvent;

    internal KindStatus(string name, Func<int> objects, TimeProvider time)
    {
        (Name, _objects, _time) = (name, objects, time);
        _lastConfirmed = time.GetTimestamp();
    }

    /// <summary>The kind, for example <c>Ingress</c>.</summary>
    public string Name { get; }

    /// <summary>Whether all objects have been listed at least once.</summary>
    public bool Synced { get; internal set; }

    /// <summary>Whether the last attempt was refused by RBAC.</summary>
    public bool Forbidden { get; internal set; }

    /// <summary>How many objects are held. Those that the gateway has no use for whatever happens to others are not.</summary>
    public int Objects => _objects();

    /// <summary>When an object last appeared, changed or vanished; null: never since the start.</summary>
    public DateTimeOffset? LastEvent => Volatile.Read(ref _lastEvent) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>
    /// How long ago the API server last confirmed the state of this kind, by a page of a list or a watch (which says
    /// something every minute at the latest; a refusal confirms nothing); until it does, how long ago the gateway began
    /// to ask. The state may be as old as this.
    /// </summary>
    public TimeSpan Age => _time.GetElapsedTime(Volatile.Read(ref _lastConfirmed));

    /// <summary>Lists read to their end.</summary>
    public long Lists { get; internal set; }

    /// <summary>Watches opened.</summary>
    public long Watches { get; internal set; }

    /// <summary>Times that a watch could not be resumed, so that everything was listed anew.</summary>
    public long Restarts { get; internal set; }

    /// <summary>Events received, without bookmarks.</summary>
    public long Events { get; internal set; }

    /// <summary>Requests that failed, and watches that ended in anything but their time.</summary>
    public long Errors { get; internal set; }

    /// <summary>Objects that a resync found to differ from what was held. More than 0 means that the API server or the gateway lost an event.</summary>
    public long Repairs { get; internal set; }

    /// <summary>Begins <see cref="Age"/> anew.</summary>
    internal void Confirmed() => Volatile.Write(ref _lastConfirmed, _time.GetTimestamp());

    /// <summary>Counts an event.</summary>
    internal void Happened()
    {
        Events++;
        Volatile.Write(ref _lastEvent, _time.GetUtcNow().UtcTicks);
    }
}
