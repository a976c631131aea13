using Gateway.Configuration.Resources;

namespace Gateway.Hosting;

/// <summary>
/// Holds back the deletion of IngressClasses for a while: one that was deleted by mistake, or that is replaced by a tool
/// which deletes and creates, takes all routes of its Ingresses with it otherwise. Used by one thread.
/// </summary>
/// <param name="grace">How long; zero: not at all.</param>
/// <param name="time">The clock.</param>
internal sealed class ClassGrace(TimeSpan grace, TimeProvider time)
{
    private readonly Dictionary<ResourceKey, long> _since = [];

    /// <summary>When the next deletion that is held back takes effect; null: none is.</summary>
    public TimeSpan? Remaining =>
        _since.Count == 0 ? null : Left(_since.Values.Min()) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>The changes that take effect now: those of <paramref name="changes"/> that are not held back, and deletions whose time has come.</summary>
    public IReadOnlyList<ResourceChange> Pass(IReadOnlyList<ResourceChange> changes)
    {
        if (grace <= TimeSpan.Zero)
            return changes;
        List<ResourceChange> passed = [];
        foreach (var change in changes)
        {
            if (change.Key.Kind != ResourceKind.IngressClass)
                passed.Add(change);
            else if (change.Resource is null)
                _since.TryAdd(change.Key, time.GetTimestamp());
            else
            {
                _since.Remove(change.Key);
                passed.Add(change);
            }
        }
        foreach (var (key, since) in _since)
        {
            if (Left(since) > TimeSpan.Zero)
                continue;
            _since.Remove(key);
            passed.Add(ResourceChange.Delete(key));
        }
        return passed;
    }

    private TimeSpan Left(long since) => grace - time.GetElapsedTime(since);
}
