using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Events;

/// <summary>Creates Events and raises their counts, at a limited rate.</summary>
internal sealed class EventApi(ApiClient api, EventOptions options, TimeProvider time)
{
    private readonly TokenBucket _bucket = new(options.RequestsPerSecond, options.Burst, time);

    /// <summary>Creates the Event, or finds the one that a leader before has created, which counts as once more.</summary>
    /// <param name="occurrence">What it says.</param>
    /// <param name="uid"><c>metadata.uid</c> of the object; null: it is looked up.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="ApiException">The Event was refused, or the object is gone (404).</exception>
    public async Task<EventSeries?> CreateAsync(Occurrence occurrence, string? uid, CancellationToken cancellation)
    {
        uid ??= await ReadUidAsync(occurrence, cancellation);
        var path = ApiResource.Events.PathOf(occurrence.Namespace, occurrence.EventName(uid));
        await _bucket.TakeAsync(cancellation);
        try
        {
            var told = occurrence.ToJson(uid, options.Instance, time.GetUtcNow());
            await api.CreateAsync(ApiResource.Events.PathIn(occurrence.Namespace), told, cancellation);
            return new EventSeries(path, 1, time.GetTimestamp());
        }
        catch (ApiException e) when (e.IsConflict)
        {
        }
        if (!occurrence.IsWarning)
            return new EventSeries(path, 1, time.GetTimestamp());
        var found = new EventSeries(path, await ReadCountAsync(path, cancellation), time.GetTimestamp());
        found.Repeat(time.GetUtcNow(), time.GetTimestamp());
        return found;
    }

    /// <summary>Writes the count; false: the Event is gone (they live for an hour).</summary>
    /// <exception cref="ApiException">It was refused.</exception>
    public async Task<bool> RaiseAsync(EventSeries series, CancellationToken cancellation)
    {
        var count = series.Count;
        var patch = new JsonObject
        {
            ["series"] = new JsonObject { ["count"] = count, ["lastObservedTime"] = MicroTime.Format(series.LastObserved) },
        };
        await _bucket.TakeAsync(cancellation);
        try
        {
            await api.MergePatchAsync(series.Path, patch, cancellation);
            series.Wrote(count);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    /// <summary>An empty patch changes nothing and answers with the Event: so "create" and "patch" are all the rights that are needed.</summary>
    private async Task<int> ReadCountAsync(string path, CancellationToken cancellation)
    {
        await _bucket.TakeAsync(cancellation);
        var found = await api.MergePatchAsync(path, [], cancellation);
        return found.Find("series", "count") is { ValueKind: JsonValueKind.Number } count ? count.GetInt32() : 1;
    }

    private async Task<string?> ReadUidAsync(Occurrence occurrence, CancellationToken cancellation)
    {
        await _bucket.TakeAsync(cancellation);
        try
        {
            var subject = await api.GetAsync(ApiResource.Of(occurrence.Subject.Kind).PathOf(occurrence.Subject.Name), cancellation);
            return subject.Text("metadata", "uid");
        }
        catch (ApiException e) when (e.IsForbidden)
        {
            // Then `kubectl describe` does not show the Event, but `kubectl get events` does.
            return null;
        }
    }
}
