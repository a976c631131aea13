using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;
using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes.Status;

/// <summary>
/// Writes the gateway's addresses to <c>status.loadBalancer.ingress</c> of the Ingresses that it serves: only when
/// they differ, one after the other, at a limited rate. To be run by the leader alone.
/// </summary>
public sealed partial class StatusWriter
{
    private static readonly TimeSpan AddressInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ForbiddenPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly IngressStatusView _view;
    private readonly StatusAddresses _addresses;
    private readonly StatusOptions _options;
    private readonly StatusPolicy _policy;
    private readonly Action<DiagnosticScope> _report;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IngressStatusApi _api;
    private readonly TokenBucket _bucket;
    private readonly Dictionary<ObjectName, Tended> _tended = [];
    private readonly Agenda _agenda;
    private EquatableArray<LoadBalancerAddress> _published;
    private TimeSpan _pause;
    private string? _problem;

    /// <summary>Whose write the end of leading cut off, so that nobody knows whether it took effect.</summary>
    private ObjectName? _cutOff;

    /// <param name="api">The API server.</param>
    /// <param name="view">Which Ingresses there are.</param>
    /// <param name="addresses">What to publish.</param>
    /// <param name="options">Whose status, how often.</param>
    /// <param name="report">Takes what is wrong, in scopes of its own (<c>status:shop/web</c>), from any thread.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears what cannot be written.</param>
    public StatusWriter(
        ApiClient api, IngressStatusView view, StatusAddresses addresses, StatusOptions options,
        Action<DiagnosticScope> report, TimeProvider time, ILogger logger)
    {
        (_view, _addresses, _options, _report, _time, _logger) = (view, addresses, options, report, time, logger);
        _policy = new StatusPolicy(options);
        _api = new IngressStatusApi(api);
        _bucket = new TokenBucket(options.WritesPerSecond, options.Burst, time);
        _agenda = new Agenda(time);
    }

    /// <summary>What is known of an Ingress beyond the view.</summary>
    private sealed class Tended(TimeProvider time)
    {
        public WriteBudget Budget { get; } = new(time);

        /// <summary>Its status is, or was, ours to write.</summary>
        public bool WasOurs { get; set; }

        /// <summary>A fight over it has been reported.</summary>
        public bool Reported { get; set; }
    }

    /// <summary>Keeps every status as it should be until <paramref name="leading"/> is cancelled; returns then.</summary>
    public async Task RunAsync(CancellationToken leading)
    {
        _view.Follow();
        try
        {
            var addressesAt = _time.GetTimestamp();
            await ReadAddressesAsync(leading);
            while (true)
            {
                leading.ThrowIfCancellationRequested();
                foreach (var name in _view.TakeChanged())
                    _agenda.Add(name, TimeSpan.Zero);
                if (_time.GetElapsedTime(addressesAt) >= AddressInterval)
                {
                    addressesAt = _time.GetTimestamp();
                    await ReadAddressesAsync(leading);
                }
                if (_agenda.TakeDue() is { } due)
                    await TendAsync(due, leading);
                else
                    await WaitAsync(AddressInterval - _time.GetElapsedTime(addressesAt), leading);
            }
        }
        catch (OperationCanceledException) when (leading.IsCancellationRequested)
        {
        }
        finally
        {
            _view.Unfollow();
            _agenda.Clear();
            foreach (var (name, tended) in _tended.ToArray())
                Forget(name, tended);
        }
    }

    /// <summary>
    /// Takes our addresses away from every Ingress that has them: nobody serves them any more. To be called after
    /// <see cref="RunAsync"/> has ended, while this replica still leads, and only by the last one of all.
    /// </summary>
    /// <returns>How many were changed.</returns>
    public async Task<int> RemoveAllAsync(CancellationToken cancellation)
    {
        var removed = 0;
        var faster = new TokenBucket(_options.WritesPerSecond * 10, _options.Burst, _time);
        if (_cutOff is { } unsure)
            await TryAsync(unsure, async () => _view.Observe(unsure, (await _api.ReadAsync(unsure, cancellation)).Status), cancellation);
        foreach (var name in _view.AllServed())
        {
            if (Rest(name) is null)
                continue;
            await faster.TakeAsync(cancellation);
            if (await TryAsync(name, () => WriteAsync(name, () => Rest(name), null, cancellation), cancellation))
                removed++;
        }
        Log.Removed(_logger, removed);
        return removed;
    }

    /// <summary>What is left when our addresses are taken away; null: there are none.</summary>
    private EquatableArray<LoadBalancerAddress>? Rest(ObjectName name) =>
        _view.Find(name) is ({ } status, var served) && _policy.IsOurs(served) ? StatusPolicy.Without(status, _published) : null;

    private async Task WaitAsync(TimeSpan untilAddresses, CancellationToken leading)
    {
        var wait = _agenda.UntilNext is { } next && next < untilAddresses ? next : untilAddresses;
        if (wait > TimeSpan.Zero)
            await _view.Changed.WaitAsync(wait, _time, leading);
    }

    private async Task ReadAddressesAsync(CancellationToken leading)
    {
        if (await _addresses.ReadAsync(leading) is not { Count: > 0 } addresses || addresses == _published)
            return;
        _published = addresses;
        Log.Publishing(_logger, string.Join(", ", addresses));
        _view.Follow();
    }

    private async Task TendAsync(ObjectName name, CancellationToken leading)
    {
        if (!_tended.TryGetValue(name, out var tended))
            _tended.Add(name, tended = new Tended(_time));
        if (Difference() is not { } desired)
            return;
        if (tended.Budget.Wait(desired) is var wait && wait > TimeSpan.Zero)
        {
            _agenda.Add(name, wait);
            return;
        }
        await _bucket.TakeAsync(leading);
        await TryAsync(name, async () =>
        {
            if (tended.Budget.IsFight && !tended.Reported)
                await ReportFightAsync(name, tended, leading);
            // A removal is no value of ours that could be fought over, nor to be taken away in its turn.
            await WriteAsync(name, Difference, _view.Find(name).Served is null ? null : tended.Budget, leading);
        }, leading);

        EquatableArray<LoadBalancerAddress>? Difference()
        {
            var (status, served) = _view.Find(name);
            if (status is null)
            {
                Forget(name, tended);
                return null;
            }
            tended.WasOurs |= _policy.IsOurs(served ?? _view.LastServed(name));
            var wanted = _policy.Desired(status, served, _published, tended.WasOurs ? tended.Budget.Written ?? _published : null);
            if (wanted is not null && wanted != status.Addresses)
                return wanted;
            if (served is null)
                Forget(name, tended);
            else
                Settle(name, tended);
            return null;
        }
    }

    private void Forget(ObjectName name, Tended tended)
    {
        if (tended.Reported)
            _report(new DiagnosticScope(ScopeOf(name), []));
        _tended.Remove(name);
    }

    /// <summary>A fight is over when our value has stood for long.</summary>
    private void Settle(ObjectName name, Tended tended)
    {
        if (!tended.Reported)
            return;
        if (WriteBudget.Longest - tended.Budget.SinceWrite is var left && left > TimeSpan.Zero)
        {
            _agenda.Add(name, left);
            return;
        }
        tended.Budget.Settle();
        tended.Reported = false;
        _report(new DiagnosticScope(ScopeOf(name), []));
    }

    /// <summary>Writes what differs, if anything still does.</summary>
    private async Task WriteAsync(
        ObjectName name, Func<EquatableArray<LoadBalancerAddress>?> difference, WriteBudget? budget, CancellationToken cancellation)
    {
        for (var again = false; difference() is { } addresses && _view.Find(name).Status is { } seen; again = true)
        {
            try
            {
                var written = await _api.WriteAsync(name, seen, addresses, cancellation);
                budget?.Wrote(addresses);
                _view.Observe(name, written);
                return;
            }
            catch (ApiException e) when (e.IsConflict && !again)
            {
                // It changed, and the informer has not told yet.
                _view.Observe(name, (await _api.ReadAsync(name, cancellation)).Status);
            }
            catch (OperationCanceledException)
            {
                _cutOff = name;
                throw;
            }
        }
    }

    private async Task ReportFightAsync(ObjectName name, Tended tended, CancellationToken cancellation)
    {
        var (status, manager) = await _api.ReadAsync(name, cancellation);
        _view.Observe(name, status);
        tended.Reported = true;
        _report(new DiagnosticScope(ScopeOf(name), [new Diagnostic(
            DiagnosticSeverity.Warning, new ResourceKey(ResourceKind.Ingress, name), "status.loadBalancer.ingress", string.Join(", ", status.Addresses),
            $"another controller{(manager is null ? "" : $" ({manager})")} keeps replacing the gateway's address {string.Join(", ", _published)}, so it is written less and less often",
            "Let only one of them write it: give the Ingress a class that only one serves, or start one of them with --update-status=false")]));
    }

    private static string ScopeOf(ObjectName name) => $"status:{name}";

    /// <summary>Makes one try; what fails is put on the agenda again.</summary>
    private async Task<bool> TryAsync(ObjectName name, Func<Task> write, CancellationToken cancellation)
    {
        try
        {
            await write();
            _pause = TimeSpan.Zero;
            _problem = null;
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Deleted meanwhile; the informer will say so.
        }
        catch (ApiException e) when (e.IsConflict)
        {
            _agenda.Add(name, TimeSpan.FromSeconds(1));
        }
        catch (ApiException e) when (e.IsForbidden)
        {
            Complain(e.Message);
            _agenda.Add(name, TimeSpan.Zero);
            _agenda.Pause(ForbiddenPause);
        }
        catch (ApiException e) when (e.Code is >= 400 and < 500 and not 401 and not 408 and not 429)
        {
            Log.Refused(_logger, name, e.Message);
            _agenda.Add(name, RefusedPause);
        }
        catch (Exception e) when (e.IsApiFailure(cancellation))
        {
            Complain(e.Message);
            _pause = _pause == TimeSpan.Zero ? TimeSpan.FromSeconds(1) : 2 * _pause < LongestPause ? 2 * _pause : LongestPause;
            _agenda.Add(name, TimeSpan.Zero);
            _agenda.Pause((e as ApiException)?.RetryAfter ?? _pause);
        }
        return false;
    }

    private void Complain(string problem)
    {
        if (problem != _problem)
            Log.CannotWrite(_logger, _problem = problem);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Publishing in the status of Ingresses: {Addresses}.")]
        public static partial void Publishing(ILogger logger, string addresses);

        [LoggerMessage(2, LogLevel.Warning, "The status of Ingresses cannot be written for now: {Reason}")]
        public static partial void CannotWrite(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "The status of Ingress {Ingress} was refused: {Reason}")]
        public static partial void Refused(ILogger logger, object ingress, string reason);

        [LoggerMessage(4, LogLevel.Information, "Removed the gateway's address from the status of {Count} Ingresses.")]
        public static partial void Removed(ILogger logger, int count);
    }
}
