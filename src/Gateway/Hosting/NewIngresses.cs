using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;

namespace Gateway.Hosting;

/// <summary>
/// Holds back an Ingress that is new until its Services and their endpoints are known, for a moment at most. Each kind has a
/// watch of its own, so an Ingress may be told of before the Service and the endpoints that were created before it; its
/// host would then answer 503 between 404 and 200. Used by one thread.
/// </summary>
/// <param name="translator">Knows which Services and endpoints there are.</param>
/// <param name="patience">How long an Ingress is held back at most; zero: not at all.</param>
/// <param name="time">The clock.</param>
internal sealed class NewIngresses(ConfigurationTranslator translator, TimeSpan patience, TimeProvider time)
{
    private readonly Dictionary<ResourceKey, (ResourceChange Change, long Since)> _held = [];

    /// <summary>When the next Ingress goes on whether its endpoints are known or not; null: none is held back.</summary>
    public TimeSpan? Remaining =>
        _held.Count == 0 ? null : Left(_held.Values.Min(held => held.Since)) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>The changes that take effect now: those of <paramref name="changes"/> that are not held back, and what they were waited for.</summary>
    public IReadOnlyList<ResourceChange> Pass(IReadOnlyList<ResourceChange> changes)
    {
        if (patience <= TimeSpan.Zero || (_held.Count == 0 && !changes.Any(IsIngress)))
            return changes;
        List<ResourceChange> passed = [.. changes.Where(change => !IsIngress(change))];
        var arriving = passed.Select(change => change.Resource).OfType<Resource>().ToList();
        foreach (var change in changes.Where(IsIngress))
        {
            var since = _held.Remove(change.Key, out var held) ? held.Since : time.GetTimestamp();
            if (change.Resource is IngressResource ingress && translator.AwaitsServices(ingress, arriving))
                _held.Add(change.Key, (change, since));
            else
                passed.Add(change);
        }
        foreach (var (key, (change, since)) in _held)
        {
            if (Left(since) > TimeSpan.Zero && translator.AwaitsServices((IngressResource)change.Resource!, arriving))
                continue;
            _held.Remove(key);
            passed.Add(change);
        }
        return passed;

        static bool IsIngress(ResourceChange change) => change.Key.Kind == ResourceKind.Ingress;
    }

    private TimeSpan Left(long since) => patience - time.GetElapsedTime(since);
}
