using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Proxy;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>
/// The one writer: takes what sources report, translates it and publishes the difference to the data plane.
/// All on one thread at a time, so nothing behind it needs a lock.
/// </summary>
internal sealed partial class ControlLoop(
    ConfigurationTranslator translator, DataPlane dataPlane, DiagnosticLog diagnostics, ClassGrace grace, NewIngresses newIngresses,
    TimeProvider time, ILogger logger)
{
    /// <summary>How often certificates are judged anew although nothing changed: they expire by themselves.</summary>
    private static readonly TimeSpan ExpiryInterval = TimeSpan.FromHours(1);

    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _gate = new();
    private volatile ConfigurationHash _served = translator.Hash;

    /// <summary>Told of each update once it is in force, one after the other.</summary>
    public event Action<ConfigurationDelta>? Applied;

    /// <summary>What the data plane serves, in short.</summary>
    public ConfigurationHash Served => _served;

    /// <summary>Ends when all that existed at the start has been published.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Applies <paramref name="updates"/> until there are no more or <paramref name="cancellation"/> is requested, which the source heeds.</summary>
    /// <exception cref="OperationCanceledException">It was requested.</exception>
    public async Task RunAsync(IAsyncEnumerable<SourceUpdate> updates, CancellationToken cancellation)
    {
        await using var source = updates.GetAsyncEnumerator(cancellation);
        var next = source.MoveNextAsync().AsTask();
        while (true)
        {
            try
            {
                if (!await next.WaitAsync(UntilDue(), time, CancellationToken.None))
                    return;
            }
            catch (TimeoutException)
            {
                Apply(new SourceUpdate());
                continue;
            }
            Apply(source.Current);
            next = source.MoveNextAsync().AsTask();
        }
    }

    /// <summary>Judges an Ingress by the state of the moment, between two updates.</summary>
    public IngressJudgement Judge(IngressResource ingress)
    {
        lock (_gate)
            return translator.Judge(ingress, time.GetUtcNow());
    }

    /// <summary>Takes what is wrong from somebody who is no source; from any thread.</summary>
    public void Report(DiagnosticScope scope)
    {
        lock (_gate)
            diagnostics.Replace(scope.Name, scope.Diagnostics);
    }

    /// <summary>The changes that take effect now. What exists at the start comes whole, so nothing of it is waited for.</summary>
    private IReadOnlyList<ResourceChange> Due(SourceUpdate update)
    {
        var changes = grace.Pass(update.Changes);
        return _synced.Task.IsCompleted ? newIngresses.Pass(changes) : changes;
    }

    private TimeSpan UntilDue()
    {
        var (first, second) = (grace.Remaining ?? ExpiryInterval, newIngresses.Remaining ?? ExpiryInterval);
        return first < second ? first : second;
    }

    private void Apply(SourceUpdate update)
    {
        try
        {
            lock (_gate)
            {
                using (diagnostics.Hold())
                {
                    foreach (var scope in update.Diagnostics)
                        diagnostics.Replace(scope.Name, scope.Diagnostics);
                    var delta = translator.Apply(Due(update), time.GetUtcNow());
                    dataPlane.Apply(delta);
                    _served = translator.Hash;
                    Applied?.Invoke(delta);
                }
            }
            // Not after a failure: a gateway without a first good state must not call itself ready.
            if (update.Synced)
                _synced.TrySetResult();
        }
#pragma warning disable CA1031 // Whatever is wrong with one update, the last good state goes on serving; before there is one, no port may open.
        catch (Exception e) when (_synced.Task.IsCompleted)
#pragma warning restore CA1031
        {
            Log.UpdateFailed(logger, e, update.Changes.Count);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "An update of {Count} objects could not be applied; what was served before is served on. This is a fault of the gateway: please report it.")]
        public static partial void UpdateFailed(ILogger logger, Exception exception, int count);
    }
}
