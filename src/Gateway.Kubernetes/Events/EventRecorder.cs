using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;
using Gateway.Kubernetes.Status;
using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes.Events;

/// <summary>
/// Tells diagnostics as Kubernetes Events on the objects concerned, and once for each Ingress that it was taken up.
/// What repeats raises the count of the Event that is there. To be run by the leader alone; what is told elsewhere is
/// let go, and so is what holds no more before its turn comes. Never blocks who tells: what does not fit into the queue is
/// dropped and counted.
/// </summary>
public sealed partial class EventRecorder
{
    private static readonly TimeSpan ForbiddenPause = TimeSpan.FromMinutes(5);

    private readonly DiagnosticLog _diagnostics;
    private readonly IngressStatusView _view;
    private readonly EventOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EventApi _api;
    private readonly EventQueue _queue;
    private readonly Dictionary<Occurrence, EventSeries> _series = [];
    private readonly Dictionary<string, long> _forbidden = new(StringComparer.Ordinal);
    private readonly HashSet<string> _complained = new(StringComparer.Ordinal);
    private volatile bool _leading;
    private long _dropped;

    /// <param name="api">The API server.</param>
    /// <param name="diagnostics">What to tell.</param>
    /// <param name="view">Which Ingresses are served.</param>
    /// <param name="options">How.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears what cannot be told.</param>
    public EventRecorder(
        ApiClient api, DiagnosticLog diagnostics, IngressStatusView view, EventOptions options, TimeProvider time, ILogger logger)
    {
        (_diagnostics, _view, _options, _time, _logger) = (diagnostics, view, options, time, logger);
        (_api, _queue) = (new EventApi(api, options, time), new EventQueue(options));
        diagnostics.Appeared += diagnostic => Tell(Occurrence.Of(diagnostic), isNew: true);
        diagnostics.Cured += diagnostic => Withdraw(Occurrence.Of(diagnostic));
        view.Served += ingress => Tell(Occurrence.Sync(ingress), isNew: true);
        view.Withdrawn += ingress => Withdraw(Occurrence.Sync(ingress));
    }

    /// <summary>How many occurrences were dropped since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Tells all that holds now, then what comes, until <paramref name="leading"/> is cancelled; returns then.</summary>
    public async Task RunAsync(CancellationToken leading)
    {
        _leading = true;
        var refreshedAt = _time.GetTimestamp();
        try
        {
            foreach (var diagnostic in _diagnostics.Current)
                Tell(Occurrence.Of(diagnostic), isNew: false);
            foreach (var ingress in _view.AllServed())
                Tell(Occurrence.Sync(ingress), isNew: false);
            while (true)
            {
                while (_queue.Take() is { } next)
                    await TakeInAsync(next, leading);
                if (_time.GetElapsedTime(refreshedAt) is var since && since < _options.SeriesInterval)
                {
                    await _queue.Signal.WaitAsync(_series.Count > 0 ? _options.SeriesInterval - since : Timeout.InfiniteTimeSpan, _time, leading);
                    continue;
                }
                refreshedAt = _time.GetTimestamp();
                await RefreshAsync(leading);
            }
        }
        catch (OperationCanceledException) when (leading.IsCancellationRequested)
        {
        }
        finally
        {
            _leading = false;
            _queue.Clear();
            _series.Clear();
        }
    }

    private void Tell(Occurrence? occurrence, bool isNew)
    {
        if (_leading && occurrence is not null && !_queue.TryAdd(occurrence, isNew))
            Interlocked.Increment(ref _dropped);
    }

    private void Withdraw(Occurrence? occurrence)
    {
        if (_leading && occurrence is not null)
            _queue.Remove(occurrence);
    }

    private async Task TakeInAsync(Occurrence occurrence, CancellationToken leading)
    {
        if (_series.TryGetValue(occurrence, out var known))
        {
            known.Repeat(_time.GetUtcNow(), _time.GetTimestamp());
            return;
        }
        if (_forbidden.TryGetValue(occurrence.Namespace, out var since))
        {
            if (_time.GetElapsedTime(since) < ForbiddenPause)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }
            _forbidden.Remove(occurrence.Namespace);
        }
        if (await TryAsync(occurrence, () => _api.CreateAsync(occurrence, KnownUid(occurrence), leading), leading) is { } series)
            _series[occurrence] = series;
    }

    /// <summary>Writes the counts that rose, and forgets what has long been quiet.</summary>
    private async Task RefreshAsync(CancellationToken leading)
    {
        foreach (var (occurrence, series) in _series.ToArray())
        {
            if (series.IsBehind)
            {
                var refreshed = await TryAsync(occurrence, async () =>
                    await _api.RaiseAsync(series, leading) ? series : await _api.CreateAsync(occurrence, KnownUid(occurrence), leading), leading);
                if (refreshed is not null)
                    _series[occurrence] = refreshed;
                else
                    _series.Remove(occurrence);
            }
            else if (series.IsQuiet(_time))
                _series.Remove(occurrence);
        }
    }

    private string? KnownUid(Occurrence occurrence) =>
        occurrence.Subject.Kind == ResourceKind.Ingress ? _view.Uid(occurrence.Subject.Name) : null;

    /// <summary>Calls, several times if the API server is not to be had; null: in vain.</summary>
    private async Task<EventSeries?> TryAsync(Occurrence occurrence, Func<Task<EventSeries?>> call, CancellationToken leading)
    {
        const int Tries = 5;
        for (var pause = TimeSpan.FromSeconds(1); ; pause *= 2)
        {
            try
            {
                return await call();
            }
            catch (ApiException e) when (e.IsForbidden)
            {
                _forbidden[occurrence.Namespace] = _time.GetTimestamp();
                if (_complained.Add(occurrence.Namespace))
                    Log.Forbidden(_logger, occurrence.Namespace, e.Message);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // The object, or its namespace, is gone.
            }
            catch (ApiException e) when (e.Code is >= 400 and < 500 and not 401 and not 408 and not 429)
            {
                Log.Refused(_logger, occurrence.Subject, e.Message);
            }
            catch (Exception e) when (e.IsApiFailure(leading))
            {
                if (pause.TotalSeconds < 1 << Tries)
                {
                    await Task.Delay((e as ApiException)?.RetryAfter ?? pause, _time, leading);
                    continue;
                }
                Log.Failed(_logger, occurrence.Subject, e.Message);
            }
            Interlocked.Increment(ref _dropped);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Events in namespace {Namespace} cannot be written (said once): {Reason}")]
        public static partial void Forbidden(ILogger logger, string @namespace, string reason);

        [LoggerMessage(2, LogLevel.Warning, "An Event on {Object} was refused: {Reason}")]
        public static partial void Refused(ILogger logger, object @object, string reason);

        [LoggerMessage(3, LogLevel.Warning, "An Event on {Object} could not be written: {Reason}")]
        public static partial void Failed(ILogger logger, object @object, string reason);
    }
}
