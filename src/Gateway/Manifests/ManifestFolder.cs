using System.Runtime.CompilerServices;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Manifests;
using Gateway.Configuration.Resources;
using Gateway.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Manifests;

/// <summary>
/// The source that reads a folder of manifests and follows it. Events of the file system say when to look; the look
/// itself is a listing compared with the last one, so that a lost event, a network mount or a link's far end costs
/// nothing but time.
/// </summary>
/// <param name="directory">The folder.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Takes what no diagnostic says.</param>
/// <param name="entriesOf">Lists one folder; null: as the system does.</param>
internal sealed partial class ManifestFolder(
    string directory, TimeProvider time, ILogger<ManifestFolder> logger, Func<string, FileSystemInfo[]>? entriesOf = null) : IConfigurationSource
{
    // A writer that pauses for longer is taken to be done; one that never pauses is not waited for.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestNoise = TimeSpan.FromSeconds(1);

    // Emptiness is mostly the first half of a change: of a file that is written anew, of a folder that is set up.
    private static readonly TimeSpan EmptyGrace = TimeSpan.FromMilliseconds(250);

    // After events for what they missed (a new folder is written to before it is watched), else for what gives none.
    private static readonly TimeSpan SoonRescan = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SlowRescan = TimeSpan.FromSeconds(5);

    private readonly FolderContents _contents = new();
    private readonly Dictionary<string, long> _emptySince = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Description => directory;

    /// <summary>How many manifest files the folder has.</summary>
    public int Files { get; private set; }

    /// <inheritdoc/>
    public int Skipped { get; private set; }

    /// <summary>Everything first, then each change until cancelled. To be enumerated once.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async IAsyncEnumerable<SourceUpdate> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var events = new FolderEvents(directory, time, logger);
        var last = await ListAsync(cancellation);
        events.Listen(last.RealPath);
        var synced = false;
        for (var isAnnounced = true; ;)
        {
            var named = events.Take();
            var listing = await ListAsync(cancellation);
            // A change that no event told of means that the events are of a folder which is gone, or that there are none.
            var isReplaced = events.IsReplaced || listing.RealPath != last.RealPath;
            if (isReplaced || !isAnnounced && !listing.Shows(last))
            {
                events.Listen(listing.RealPath);
                listing = await SettleAsync(listing, isReplaced ? EmptyGrace : Quiet, cancellation);
            }
            else if (!listing.Shows(last))
            {
                // Files change while they are listed, so this one may show a change without those before it: an Ingress
                // without its Service. One that shows the same again has them all.
                listing = await SettleAsync(listing, TimeSpan.Zero, cancellation);
            }
            last = listing;

            var update = await Task.Run(() => Follow(listing, named, events), cancellation);
            var isFirst = !synced && listing.IsReadable;
            synced |= isFirst;
            if (isFirst || update.Changes.Count > 0 || update.Diagnostics.Count > 0)
                yield return update with { Synced = synced };

            var rescan = _emptySince.Count > 0 ? Quiet : isAnnounced || !listing.IsReadable ? SoonRescan : SlowRescan;
            isAnnounced = await events.WaitAsync(rescan, cancellation);
            if (isAnnounced)
                await events.WaitForQuietAsync(Quiet, LongestNoise, cancellation);
        }
    }

    private Task<FolderListing> ListAsync(CancellationToken cancellation) => Task.Run(() => FolderListing.Of(directory, entriesOf ?? FolderListing.EntriesOf), cancellation);

    /// <summary>Lists again until two listings are the same, but not for long.</summary>
    private async Task<FolderListing> SettleAsync(FolderListing listing, TimeSpan pause, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            await Task.Delay(pause, time, cancellation);
            var again = await ListAsync(cancellation);
            if (again.Shows(listing) || time.GetElapsedTime(began) > LongestNoise)
                return again;
            listing = again;
        }
    }

    private SourceUpdate Follow(FolderListing listing, IReadOnlySet<string> named, FolderEvents events)
    {
        if (listing.RealPath is null)
            _contents.PutFolderProblems([new("", FolderProblem("", "the manifest folder does not exist", "Create it, or correct --manifests"))]);
        else
        {
            _contents.PutFolderProblems(listing.Unreadable.Select(folder => new KeyValuePair<string, Diagnostic>(
                folder.Key, FolderProblem(folder.Key, $"the folder cannot be read: {folder.Value}", "Let the gateway read it"))));
            foreach (var path in _contents.Paths.Where(path => !listing.Files.ContainsKey(path) && !listing.Hides(path)).ToList())
            {
                _contents.Remove(path);
                _emptySince.Remove(path);
            }
            foreach (var (path, stamp) in listing.Files)
            {
                if (_contents.IsOutdated(path, stamp) || named.Contains(path))
                    Read(path, stamp, events);
            }
            (Files, Skipped) = (_contents.Paths.Count, _contents.Skipped);
        }
        var (changes, diagnostics) = _contents.TakeChanges();
        return new SourceUpdate { Changes = changes, Diagnostics = diagnostics };
    }

    private void Read(string path, FileStamp stamp, FolderEvents events)
    {
        if (stamp is { RealPath: not null, Length: 0 } && _contents.DefinesAnything(path))
        {
            _emptySince.TryAdd(path, time.GetTimestamp());
            if (time.GetElapsedTime(_emptySince[path]) < EmptyGrace)
                return;
        }
        _emptySince.Remove(path);

        var (text, problem) = ManifestText.Read(path, stamp);
        if (stamp.RealPath is { } file && FolderListing.StampOf(new FileInfo(file)) != stamp)
            events.Note(path);
        else if (problem is not null)
            _contents.PutUnreadable(path, stamp, problem);
        else
        {
            var read = ManifestReader.Read(path, text!);
            _contents.Put(path, stamp, read);
            foreach (var skipped in read.Skipped)
                Log.Skipped(logger, skipped.Origin, skipped.ApiVersion, skipped.Kind);
        }
    }

    private Diagnostic FolderProblem(string path, string problem, string remedy) =>
        new(DiagnosticSeverity.Error, null, "", null, problem, remedy) { Origin = new Origin(path.Length == 0 ? directory : path) };

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "{Origin}: skipped {Kind} of {ApiVersion}, which the gateway does not use")]
        public static partial void Skipped(ILogger logger, Origin origin, string apiVersion, string kind);
    }
}
