using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Kubernetes.Api;
using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes.Leasing;

/// <summary>
/// Makes at most one replica the leader, by a Lease. Whether another one's Lease has run out is judged by how long
/// this process has seen it unchanged on its own monotonic clock: wall clocks, here or elsewhere, decide nothing.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="options">Which Lease, who, how fast.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears who leads and why it cannot be found out.</param>
public sealed partial class LeaderElector(ApiClient api, LeaseOptions options, TimeProvider time, ILogger logger)
{
    private readonly string _path = ApiResource.Leases.PathOf(options.Lease);
    private Lease? _seen;
    private long _seenAt;
    private long _renewedAt;
    private volatile bool _leading;
    private string? _problem;

    /// <summary>Whether this replica leads now; false as soon as the Lease could not be renewed in time, even if nothing noticed yet.</summary>
    public bool IsLeader => _leading && Remaining > TimeSpan.Zero;

    /// <summary>Who held the Lease when it was last looked at; null: nobody, or not known yet.</summary>
    public string? Leader => Volatile.Read(ref _seen)?.Holder is { Length: > 0 } holder ? holder : null;

    private TimeSpan Remaining => Longer(options.RenewDeadline - time.GetElapsedTime(Volatile.Read(ref _renewedAt)), TimeSpan.Zero);

    /// <summary>
    /// Runs <paramref name="lead"/> whenever, and as long as, this replica leads. Its token is cancelled when the Lease
    /// is lost or <paramref name="stop"/> is requested; after the latter the Lease is kept until <paramref name="lead"/>
    /// has ended, and then released. Returns then; nothing that goes wrong is thrown.
    /// </summary>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var pause = options.RenewInterval;
            // Not cut short by stop: an answer that nobody waits for could leave the Lease with a replica that is gone.
            if (await TryAsync(options.CallTimeout) == Outcome.Held)
                pause = await LeadAsync(lead, stop) ? options.RenewInterval : options.Duration;
            else if (UntilExpiry is var expiry && expiry > TimeSpan.Zero && expiry < pause)
                pause = expiry;
            await time.PauseAsync(pause, stop);
        }
    }

    /// <summary>How long until the Lease of somebody else runs out.</summary>
    private TimeSpan UntilExpiry =>
        _seen is { } seen ? Longer(seen.Duration, options.Duration) - time.GetElapsedTime(_seenAt) : TimeSpan.Zero;

    /// <summary>Leads until the Lease is lost or the work has ended; false: the work failed.</summary>
    private async Task<bool> LeadAsync(Func<CancellationToken, Task> lead, CancellationToken stop)
    {
        // By itself it is cancelled when the Lease cannot be renewed, whatever this loop is waiting for.
        using var leading = new CancellationTokenSource(Remaining, time);
        await using var stopping = stop.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), leading);
        _leading = true;
        Log.Leading(logger, options.Lease, options.Identity);
        var work = WorkAsync(lead, leading.Token);
        var triedAt = _renewedAt;
        // From start to start: after a call that hung, rest would cost the Lease.
        while (await RunsAfterAsync(work, Shorter(Longer(options.RenewInterval - time.GetElapsedTime(triedAt), TimeSpan.Zero), Remaining))
            && Remaining > TimeSpan.Zero)
        {
            triedAt = time.GetTimestamp();
            var outcome = await TryAsync(Shorter(options.CallTimeout, Remaining));
            if (outcome == Outcome.HeldByOther)
                break;
            if (outcome == Outcome.Held && !stop.IsCancellationRequested)
                leading.CancelAfter(Remaining);
        }

        var held = work.IsCompleted && Remaining > TimeSpan.Zero && _seen?.Holder == options.Identity;
        if (!held)
        {
            _leading = false;
            Log.Lost(logger, options.Lease);
            leading.Cancel();
        }
        var succeeded = await work;
        _leading = false;
        if (held)
            await ReleaseAsync();
        return succeeded;
    }

    private async Task<bool> WorkAsync(Func<CancellationToken, Task> lead, CancellationToken leading)
    {
        try
        {
            await lead(leading);
            return true;
        }
        catch (OperationCanceledException) when (leading.IsCancellationRequested)
        {
            return true;
        }
#pragma warning disable CA1031 // A leader whose work fails must make way for another, not end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.WorkFailed(logger, e);
            return false;
        }
    }

    private async Task<bool> RunsAfterAsync(Task work, TimeSpan delay)
    {
        await Task.WhenAny(work, Task.Delay(delay, time, CancellationToken.None));
        return !work.IsCompleted;
    }

    private enum Outcome
    {
        Held,
        HeldByOther,
        Unknown,
    }

    /// <summary>Tries once to take or renew the Lease.</summary>
    private async Task<Outcome> TryAsync(TimeSpan timeout)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        try
        {
            var outcome = await TakeOrRenewAsync(timer.Token);
            if (_problem is not null)
                Log.Works(logger, options.Lease);
            _problem = null;
            return outcome;
        }
#pragma warning disable CA1031 // Whatever fails, say a plugin for credentials: a replica that gave up could never lead again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var problem = timer.IsCancellationRequested ? "the API server does not answer" : e.Message;
            if (problem != _problem)
                Log.Fails(logger, options.Lease, _problem = problem);
            return Outcome.Unknown;
        }
    }

    private async Task<Outcome> TakeOrRenewAsync(CancellationToken cancellation)
    {
        // The leader knows the version that it wrote itself, and reads again only when that has become another.
        var known = _leading;
        while (true)
        {
            if (!known)
                See(await ReadAsync(cancellation));
            if (_seen is { } seen && seen.Holder.Length > 0 && seen.Holder != options.Identity && (_leading || UntilExpiry > TimeSpan.Zero))
                return Outcome.HeldByOther;
            try
            {
                // From before the call: the others count from when they see it.
                var sentAt = time.GetTimestamp();
                See(await WriteAsync((_seen ?? Lease.New(options.Lease.Name)).HeldBy(options.Identity, options.Duration, time.GetUtcNow()), cancellation));
                Volatile.Write(ref _renewedAt, sentAt);
                return Outcome.Held;
            }
            catch (ApiException e) when (e.IsConflict || (e.IsNotFound && known))
            {
                // Somebody was faster, or our Lease was deleted.
                if (!known)
                    return Outcome.Unknown;
                known = false;
            }
        }
    }

    private async Task ReleaseAsync()
    {
        using var timer = new CancellationTokenSource(options.CallTimeout, time);
        try
        {
            See(await WriteAsync(_seen!.Released(), timer.Token));
            Log.Released(logger, options.Lease);
        }
        catch (Exception e) when (e.IsApiFailure(CancellationToken.None))
        {
            // Then it runs out by itself.
            Log.NotReleased(logger, options.Lease, e.Message);
        }
    }

    private void See(Lease? lease)
    {
        if (lease is null || lease.Version != _seen?.Version)
            _seenAt = time.GetTimestamp();
        if (lease?.Holder is { Length: > 0 } holder && holder != _seen?.Holder && holder != options.Identity)
            Log.OtherLeads(logger, holder);
        Volatile.Write(ref _seen, lease);
    }

    private async Task<Lease?> ReadAsync(CancellationToken cancellation) =>
        await api.FindAsync(_path, cancellation) is { } found ? new Lease(found) : null;

    private async Task<Lease> WriteAsync(JsonObject value, CancellationToken cancellation)
    {
        var written = _seen is null
            ? await api.CreateAsync(ApiResource.Leases.PathIn(options.Lease.Namespace), value, cancellation)
            : await api.ReplaceAsync(_path, value, cancellation);
        return new Lease(JsonObject.Create(written) ?? throw new JsonException("The answer is no Lease."));
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Leading (Lease {Lease}) as {Identity}: this replica writes status and Events.")]
        public static partial void Leading(ILogger logger, object lease, string identity);

        [LoggerMessage(2, LogLevel.Warning, "No longer leading: Lease {Lease} was lost.")]
        public static partial void Lost(ILogger logger, object lease);

        [LoggerMessage(3, LogLevel.Information, "Lease {Lease} released.")]
        public static partial void Released(ILogger logger, object lease);

        [LoggerMessage(4, LogLevel.Information, "Lease {Lease} could not be released and will run out: {Reason}")]
        public static partial void NotReleased(ILogger logger, object lease, string reason);

        [LoggerMessage(5, LogLevel.Information, "The leader is {Leader}.")]
        public static partial void OtherLeads(ILogger logger, string leader);

        [LoggerMessage(6, LogLevel.Warning, "Lease {Lease} cannot be read or written, so this replica cannot lead: {Reason}")]
        public static partial void Fails(ILogger logger, object lease, string reason);

        [LoggerMessage(7, LogLevel.Information, "Lease {Lease} can be read and written again.")]
        public static partial void Works(ILogger logger, object lease);

        [LoggerMessage(8, LogLevel.Error, "What the leader does failed; another replica may lead now. This is a fault of the gateway: please report it.")]
        public static partial void WorkFailed(ILogger logger, Exception exception);
    }
}
