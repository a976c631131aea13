using System.Buffers;
using System.Text.Json;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;
using Gateway.Kubernetes.Objects;
using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes.Informers;

/// <summary>
/// Keeps a sink the same as a collection of the API server: lists it page by page, then watches it from where the list
/// ended, and begins anew when the server cannot say any more what happened in between.
/// </summary>
#pragma warning disable CA1001 // A token source without timer or wait handle has nothing to dispose of.
internal sealed partial class Informer<T>(
#pragma warning restore CA1001
    InformerTarget target, Func<ReadOnlySequence<byte>, ReadObject<T>> read, IObjectSink<T> sink, InformerContext context)
{
    // The server sends a bookmark about every 60 s.
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan HealthyWatch = TimeSpan.FromMilliseconds(500);
    private const int RefusalsToBelieve = 2;

    private readonly TimeProvider _time = context.Time;
    private readonly ILogger _logger = context.Logger;
    private readonly Collection _collection = new(target, () => sink.Count, context);
    private readonly Backoff _backoff = new();
    private readonly ObjectIntake<T> _intake = new(target, read, sink, context);
    private readonly ResyncClock _resync = new(context.ResyncPeriod, context.Time);
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Up to which version everything is known; null: nothing is known for sure.</summary>
    private string? _version;

    /// <summary>How often in a row a watch was refused in a way that time may not mend.</summary>
    private int _refusals;

    /// <summary>Cancelled: everything is to be listed anew.</summary>
    private volatile CancellationTokenSource _anew = new();

    /// <summary>How things stand.</summary>
    public KindStatus Status => _collection.Status;

    /// <summary>Ends when everything has been listed once.</summary>
    public Task Listed => _listed.Task;

    /// <summary>Ends when everything has been listed once, or the server has said that it may not be.</summary>
    public Task Settled => _settled.Task;

    /// <summary>
    /// The sink has let go what it needs now, so everything is listed anew: what is found then was not lost, and counts as
    /// no repair. May be called from any thread, at any time.
    /// </summary>
    public void ListAnew(string why)
    {
        Log.Restarted(_logger, target.Resource, why);
        // The caller may hold a lock of the sink's: whoever waits for the token must not go on here.
        _ = _anew.CancelAsync();
    }

    /// <summary>Runs until cancelled; no failure ends it.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var pause = TimeSpan.Zero;
            try
            {
                if (_version is null || _anew.IsCancellationRequested)
                    await ListAnewAsync(cancellation);
                else if (_resync.IsDue)
                    await ResyncAsync(_version, cancellation);
                await WatchAsync(cancellation);
            }
            catch (OperationCanceledException) when (_anew.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
            }
#pragma warning disable CA1031 // An informer that ends leaves the gateway with a state that grows old in silence.
            catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
            {
                pause = Judge(e);
            }
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, _time, cancellation);
        }
    }

    /// <summary>Takes in a failure; returns how long to wait.</summary>
    private TimeSpan Judge(Exception failure)
    {
        Status.Errors++;
        // Once is enough to know; what follows is the same until something works again.
        var level = _backoff.IsShort ? LogLevel.Warning : LogLevel.Debug;
        var pause = _backoff.Next();
        switch (failure)
        {
            case ApiException { IsGone: true } gone:
                Restart(gone.Message);
                break;
            case ApiException { IsForbidden: true } forbidden:
                Status.Forbidden = _intake.Problems.Refused(forbidden);
                if (Status.Forbidden && !target.IsIndispensable)
                    _settled.TrySetResult();
                break;
            case ApiException refused:
                Log.Refused(_logger, level, target.Resource, refused.Code, refused.Message);
                if (refused.RetryAfter > pause)
                    pause = refused.RetryAfter.Value;
                // It may be the version itself that the server does not take, as after it was restored from a backup.
                if (_version is not null && refused.Code is not (401 or 429) && ++_refusals >= RefusalsToBelieve)
                    Restart(refused.Message);
                break;
            case HttpRequestException or IOException or TimeoutException:
                context.Contact.Failed(failure);
                Log.Disconnected(_logger, target.Resource, failure.Message);
                break;
            case SilentWatchException:
                Restart(failure.Message);
                break;
            case JsonException:
                Log.Broken(_logger, target.Resource, failure.Message);
                Restart(failure.Message);
                break;
            default:
                Log.Unexpected(_logger, failure, target.Resource);
                _version = null;
                break;
        }
        return pause;
    }

    private void Restart(string why)
    {
        if (_version is null)
            return;
        (_version, _refusals) = (null, 0);
        Status.Restarts++;
        Log.Restarted(_logger, target.Resource, why);
    }

    private Task ListAnewAsync(CancellationToken cancellation)
    {
        // Both before the first page: a list that fails has to be tried again, and one may not have what is demanded while it runs.
        (_version, _anew) = (null, new CancellationTokenSource());
        return ListAsync("", null, cancellation);
    }

    /// <summary>Lists everything and removes what is no longer there.</summary>
    private async Task ListAsync(string version, Action<ObjectName>? onNews, CancellationToken cancellation)
    {
        HashSet<ObjectName> found = [];
        var query = version.Length == 0 ? "" : $"&resourceVersion={version}&resourceVersionMatch=Exact";
        ListMetadata page;
        do
        {
            page = await _collection.ReadPageAsync(query, Take, cancellation);
            query = $"&continue={Uri.EscapeDataString(page.Continue ?? "")}";
        }
        while (!string.IsNullOrEmpty(page.Continue));

        _intake.RemoveAllBut(found, onNews);
        _version = page.ResourceVersion ?? throw new JsonException("The list has no resourceVersion.");
        Status.Lists++;
        Status.Synced = true;
        Allowed();
        _resync.Restart();
        _listed.TrySetResult();
        _settled.TrySetResult();

        void Take(ReadOnlySequence<byte> item)
        {
            try
            {
                var (name, _, isNews) = _intake.Put(item);
                found.Add(name);
                if (isNews)
                    onNews?.Invoke(name);
            }
            catch (JsonException e)
            {
                Log.Nameless(_logger, target.Resource, e.Message);
            }
        }
    }

    private void Allowed()
    {
        Status.Forbidden = false;
        _intake.Problems.Allowed();
    }

    /// <summary>
    /// Compares with a list of exactly the version up to which everything is known: whatever differs was lost on the way.
    /// Where the server has no such list (any more), a new one is taken, whose differences prove nothing.
    /// </summary>
    private async Task ResyncAsync(string version, CancellationToken cancellation)
    {
        try
        {
            await ListAsync(version, Repaired, cancellation);
        }
        catch (ApiException e) when (e is { IsForbidden: false, Code: not 429 })
        {
            await ListAsync("", null, cancellation);
        }

        void Repaired(ObjectName name)
        {
            if (_anew.IsCancellationRequested)
                return;
            Status.Repairs++;
            Log.Repaired(_logger, target.Resource, name);
        }
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        var lasting = _resync.Until(TimeSpan.FromSeconds(Random.Shared.Next(300, 600)));
        using var current = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _anew.Token);
        using var response = await _collection.WatchAsync(_version!, lasting, current.Token);
        var began = _time.GetTimestamp();
        Status.Watches++;
        Allowed();
        await using var body = await response.Content.ReadAsStreamAsync(current.Token);
        await using var stream = new WatchStream(body, IdleLimit, _time, current.Token);
        try
        {
            while (await stream.ReadLineAsync() is { } line)
            {
                Take(WatchEvent.Parse(line));
                Status.Confirmed();
                Works();
            }
        }
        // Not where the server itself says that it cannot go on: slow as it may be to say so, it is asked less and less often.
        catch (Exception e) when (e is not ApiException && _time.GetElapsedTime(began) >= HealthyWatch)
        {
            Works();
            throw;
        }
        if (_time.GetElapsedTime(began) >= HealthyWatch)
            Works();
        // A server that ends watches at once is not asked again at once.
        else
            await Task.Delay(_backoff.Next(), _time, cancellation);
    }

    private void Works()
    {
        _backoff.Reset();
        _refusals = 0;
    }

    private void Take(WatchEvent change)
    {
        switch (change.Type)
        {
            case WatchEventType.Error:
                var json = new Utf8JsonReader(change.Object);
                throw ApiException.FromEvent(ref json);
            case WatchEventType.Bookmark:
                _version = context.Reader.ReadIdentity(change.Object).ResourceVersion ?? _version;
                break;
            case WatchEventType.Deleted:
                Status.Happened();
                var identity = context.Reader.ReadIdentity(change.Object);
                _intake.Remove(identity.ObjectName);
                _version = identity.ResourceVersion ?? _version;
                break;
            default:
                Status.Happened();
                _version = _intake.Put(change.Object).Version ?? _version;
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Resource}: {Problem}")]
        public static partial void Disconnected(ILogger logger, ApiResource resource, string problem);

        [LoggerMessage(EventId = 2, Message = "{Resource}: the API server answered {Code}: {Problem}")]
        public static partial void Refused(ILogger logger, LogLevel level, ApiResource resource, int code, string problem);

        [LoggerMessage(3, LogLevel.Warning, "{Resource}: what the API server sent cannot be read, so everything is listed anew: {Problem}")]
        public static partial void Broken(ILogger logger, ApiResource resource, string problem);

        [LoggerMessage(4, LogLevel.Information, "{Resource}: listing everything anew: {Reason}")]
        public static partial void Restarted(ILogger logger, ApiResource resource, string reason);

        [LoggerMessage(5, LogLevel.Warning, "{Resource}: {Name} differed from the API server's state though no event said so; it is repaired.")]
        public static partial void Repaired(ILogger logger, ApiResource resource, ObjectName name);

        [LoggerMessage(6, LogLevel.Warning, "{Resource}: passed over an object of a list that does not even say its name: {Problem}")]
        public static partial void Nameless(ILogger logger, ApiResource resource, string problem);

        [LoggerMessage(7, LogLevel.Error, "{Resource}: a fault of the gateway: please report it. Everything is listed anew.")]
        public static partial void Unexpected(ILogger logger, Exception exception, ApiResource resource);
    }
}
