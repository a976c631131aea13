using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Informers;

/// <summary>
/// Gathers what the informers learn into batches: of each object only the newest state. A change that comes alone goes on
/// at once; what follows it closely is gathered, and while the reader is busy with one batch, the next one grows. Many
/// writers, one reader.
/// </summary>
internal sealed class UpdateQueue(TimeProvider time)
{
    // The timer's own steps are 4 ms on Linux, which is what a change would wait for if each waited.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(2);

    private readonly Lock _gate = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Dictionary<ResourceKey, ResourceChange> _changes = [];
    private Dictionary<string, DiagnosticScope> _diagnostics = new(StringComparer.Ordinal);
    private bool _isSynced;
    private bool _announcesSync;

    /// <summary>Adds a change of an object.</summary>
    public void Post(ResourceChange change)
    {
        lock (_gate)
            _changes[change.Key] = change;
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Adds diagnostics.</summary>
    public void Post(DiagnosticScope scope)
    {
        lock (_gate)
            _diagnostics[scope.Name] = scope;
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Everything that existed at the start has been added: before this, no change leaves the queue.</summary>
    public void Synced()
    {
        lock (_gate)
            _isSynced = _announcesSync = true;
        _wake.Writer.TryWrite(true);
    }

    /// <summary>The batches, for ever.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async IAsyncEnumerable<SourceUpdate> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        long? last = null;
        while (true)
        {
            await _wake.Reader.ReadAsync(cancellation);
            if (last is { } taken && Gathering - time.GetElapsedTime(taken) is var left && left > TimeSpan.Zero)
                await Task.Delay(left, time, cancellation);
            if (Take() is not { } update)
                continue;
            yield return update;
            last = time.GetTimestamp();
        }
    }

    private SourceUpdate? Take()
    {
        lock (_gate)
        {
            if (!_announcesSync && _diagnostics.Count == 0 && (_changes.Count == 0 || !_isSynced))
                return null;
            var update = new SourceUpdate
            {
                Changes = _isSynced ? [.. _changes.Values] : [],
                Diagnostics = [.. _diagnostics.Values],
                Synced = _isSynced,
            };
            if (_isSynced)
                _changes = [];
            _diagnostics = [];
            _announcesSync = false;
            return update;
        }
    }
}
