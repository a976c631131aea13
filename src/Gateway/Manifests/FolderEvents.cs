using Microsoft.Extensions.Logging;

namespace Gateway.Manifests;

/// <summary>
/// What the operating system tells of a folder, as hints: an event may come late, twice or not at all, and says only
/// where to look.
/// </summary>
internal sealed partial class FolderEvents(string directory, TimeProvider time, ILogger logger) : IDisposable
{
    private const int MostNames = 10_000;

    private readonly Lock _gate = new();
    private readonly string _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
    private HashSet<string> _names = new(StringComparer.Ordinal);
    private TaskCompletionSource _signal = NewSignal();
    private FileSystemWatcher? _inside;
    private FileSystemWatcher? _above;
    private volatile bool _isReplaced;

    /// <summary>Whether the folder itself came, went or was replaced since <see cref="Listen"/>: another one is there now.</summary>
    public bool IsReplaced => _isReplaced;

    /// <summary>Listens from now on to the folder as it is.</summary>
    /// <param name="realPath">Where it is, links followed; null when there is none.</param>
    public void Listen(string? realPath)
    {
        Dispose();
        _isReplaced = false;
        if (Path.GetDirectoryName(_path) is { } parent)
            _above = Watch(parent, NotifyFilters.FileName | NotifyFilters.DirectoryName, Path.GetFileName(_path), NoteReplaced);
        if (realPath is not null)
        {
            _inside = Watch(
                realPath,
                NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.Attributes,
                name: null, Note);
        }
    }

    private FileSystemWatcher? Watch(string folder, NotifyFilters filter, string? name, Action<string?> note)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(folder) { NotifyFilter = filter, IncludeSubdirectories = name is null, InternalBufferSize = 64 * 1024 };
            if (name is not null)
                watcher.Filter = name;
            watcher.Created += (_, change) => note(change.Name);
            watcher.Changed += (_, change) => note(change.Name);
            watcher.Deleted += (_, change) => note(change.Name);
            watcher.Renamed += (_, change) =>
            {
                note(change.OldName);
                note(change.Name);
            };
            watcher.Error += (_, error) =>
            {
                Log.Incomplete(logger, error.GetException().Message);
                Note(null);
            };
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // The folder may be gone again, or the machine may have no watches left: rescans have to do.
            Log.Incomplete(logger, e.Message);
            watcher?.Dispose();
            return null;
        }
    }

    private void NoteReplaced(string? name)
    {
        _isReplaced = true;
        Note(null);
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

    /// <summary>Listens to nothing more.</summary>
    public void Dispose()
    {
        _inside?.Dispose();
        _above?.Dispose();
    }

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
