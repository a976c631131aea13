using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Informers;

/// <summary>Reads single Secrets, those that a table wants, until each is read or not wanted any more.</summary>
internal sealed class SecretReader
{
    private const int AtOnce = 8;

    private readonly SecretTable _table;
    private readonly InformerContext _context;
    private readonly Lock _gate = new();
    private readonly HashSet<ObjectName> _queued = [];
    private readonly HashSet<ObjectName> _untried = [];
    private readonly Dictionary<ObjectName, Backoff> _failing = [];
    private readonly Channel<ObjectName> _queue = Channel.CreateUnbounded<ObjectName>();
    private TaskCompletionSource? _caughtUp;

    public SecretReader(SecretTable table, InformerContext context)
    {
        (_table, _context) = (table, context);
        table.Wanted = Want;
    }

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task RunAsync(CancellationToken cancellation) => Parallel.ForEachAsync(
        _queue.Reader.ReadAllAsync(cancellation),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
        async (name, token) =>
        {
            // From here on a change queues the Secret once more, lest it be missed; the table takes the newest state only.
            lock (_gate)
                _queued.Remove(name);
            await ReadAsync(name, token);
            Tried(name);
        });

    /// <summary>Ends when every Secret that is wanted now has been asked for once, whatever the answer.</summary>
    public Task CaughtUpAsync()
    {
        lock (_gate)
            return _untried.Count == 0 ? Task.CompletedTask : (_caughtUp ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    private void Want(ObjectName name)
    {
        lock (_gate)
        {
            if (!_queued.Add(name))
                return;
            _untried.Add(name);
            _queue.Writer.TryWrite(name);
        }
    }

    private void Tried(ObjectName name)
    {
        lock (_gate)
        {
            _untried.Remove(name);
            if (_untried.Count == 0)
                _caughtUp?.TrySetResult();
        }
    }

    private async Task ReadAsync(ObjectName name, CancellationToken cancellation)
    {
        try
        {
            while (_table.Begin(name) is { } begun)
            {
                if (await FetchAsync(name, cancellation) is not { } secret || _table.TryHandOn(name, secret, begun))
                    break;
            }
            Report(name, null);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or TimeoutException or JsonException)
        {
            Report(name, e);
            _ = WantLaterAsync(name, (e as ApiException)?.RetryAfter ?? TimeSpan.Zero, cancellation);
        }
    }

    private async Task WantLaterAsync(ObjectName name, TimeSpan atLeast, CancellationToken cancellation)
    {
        TimeSpan pause;
        lock (_gate)
        {
            if (!_failing.TryGetValue(name, out var backoff))
                _failing.Add(name, backoff = new Backoff());
            pause = backoff.Next();
            if (pause < atLeast)
                pause = atLeast;
        }
        await Task.Delay(pause, _context.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellation.IsCancellationRequested)
            Want(name);
    }

    private async Task<SecretResource?> FetchAsync(ObjectName name, CancellationToken cancellation)
    {
        try
        {
            var body = await _context.Api.ReadAsync(
                HttpMethod.Get, ApiResource.Secrets.PathOf(name.Namespace, name.Name), null, null, cancellation);
            return (SecretResource)_context.Reader.ReadResource(ResourceKind.Secret, new ReadOnlySequence<byte>(body)).Value;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Its watch will say so too.
            return null;
        }
    }

    private void Report(ObjectName name, Exception? failure)
    {
        bool wasFailing;
        lock (_gate)
            wasFailing = failure is null ? _failing.Remove(name) : _failing.ContainsKey(name);
        if (failure is null ? !wasFailing : wasFailing)
            return;
        _context.Report(new DiagnosticScope($"kubernetes/secret/{name}", failure is null ? [] : [Describe(name, failure)]));
    }

    private static Diagnostic Describe(ObjectName name, Exception failure) => new(
        DiagnosticSeverity.Warning, new ResourceKey(ResourceKind.Secret, name), "", null,
        failure is JsonException ? "the Secret cannot be read: what the API server sent is not what its API says" : $"the Secret cannot be read: {failure.Message}",
        failure is ApiException { IsForbidden: true }
            ? "Give the gateway's service account the verb get for the resource secrets" : "Nothing: it is tried again until it can be read");
}
