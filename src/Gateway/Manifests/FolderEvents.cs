using Microsoft.Extensions.Logging;

namespace Gateway.Manifests;

/// <summary>
/// What the operating system tells of a folder, as hints: an event may come late, twice or not at all, and says only
/// where to look.
/// </summary>
internal sealed partial class FolderEvents(TimeProvider time, ILogger logger) : IDisposable
{
    private const int MostNames = 10_000;

    private readonly Lock _gate = new();
    private HashSet<string> _names = new(StringComparer.Ordinal);
    private TaskCompletionSource _signal = NewSignal();
    private FileSystemWatcher? _watcher;

    /// <summary>Listens to this folder from now on, in the place of any other; null: to none.</summary>
    public void Listen(string? folder)
    {
        _watcher?.Dispose();
        _watcher = null;
        if (folder is null)
            return;
        try
        {
            _watcher = new FileSystemWatcher(folder)
            {
                IncludeSubdirectories = true,
                InternalBufferSize = 64 * 1024,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.Attributes,
            };
            _watcher.Created += (_, change) => Note(change.Name);
            _watcher.Changed += (_, change) => Note(change.Name);
            _watcher.Deleted += (_, change) => Note(change.Name);
            _watcher.Renamed += (_, change) =>
            {
                Note(change.OldName);
                Note(change.Name);
            };
            _watcher.Error += (_, error) =>
            {
                Log.Incomplete(logger, error.GetException().Message);
                Note(null);
            };
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // The folder may be gone again, or the machine may have no watches left: rescans have to do.
            Log.Incomplete(logger, e.Message);
        }
    }

    /// <summary>Something happened at this relative path, or somewhere.</summary>
    public void Note(string? name)
    {
        lock (_gate)
        {
            if (name is not null && _names.Count < MostNames)
                _names.Add(name.Replace('\\', '/'));
            _signal.TrySetResult();
        }
    }

    /// <summary>The paths noted since the last call.</summary>
    public IReadOnlySet<string> Take()
    {
        lock (_gate)
        {
            var names = _names;
            _names = new HashSet<string>(StringComparer.Ordinal);
            Reset();
            return names;
        }
    }

    /// <summary>Waits for something to happen; false: nothing did within the time.</summary>
    public async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        Task signal;
        lock (_gate)
            signal = _signal.Task;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var first = await Task.WhenAny(signal, Task.Delay(timeout, time, done.Token));
        await done.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
        return first == signal;
    }

    /// <summary>Waits until nothing has happened for a while, but not much longer than <paramref name="most"/>.</summary>
    public async Task WaitForQuietAsync(TimeSpan quiet, TimeSpan most, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        do
        {
            lock (_gate)
                Reset();
        }
        while (await WaitAsync(quiet, cancellation) && time.GetElapsedTime(began) < most);
    }

    public void Dispose() => _watcher?.Dispose();

    private void Reset()
    {
        if (_signal.Task.IsCompleted)
            _signal = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The manifest folder's events are incomplete, changes may be noticed late: {Reason}")]
        public static partial void Incomplete(ILogger logger, string reason);
    }
}
