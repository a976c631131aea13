namespace Gateway.Manifests;

/// <summary>How a file looks from outside: it has not changed while this has not.</summary>
/// <param name="RealPath">Where its bytes are, links followed; null when a link leads nowhere.</param>
/// <param name="Length">In bytes.</param>
/// <param name="WrittenAt">When it was last written.</param>
internal readonly record struct FileStamp(string? RealPath, long Length, DateTime WrittenAt);

/// <summary>
/// The manifests of a folder and its subfolders, by their paths relative to it; nothing is opened. Links are followed,
/// and each folder is entered once however many links lead to it. Names that begin with a dot are left out: editors
/// keep their own files under such names, and mounted ConfigMaps the folders that their links lead to.
/// </summary>
internal sealed class FolderListing
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly Func<string, FileSystemInfo[]> _entriesOf;
    private readonly HashSet<string> _entered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileStamp> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unreadable = new(StringComparer.Ordinal);

    private FolderListing(string? realPath, Func<string, FileSystemInfo[]> entriesOf) => (RealPath, _entriesOf) = (realPath, entriesOf);

    /// <summary>The folder itself, links followed; null when there is none.</summary>
    public string? RealPath { get; }

    /// <summary>Whether the folder is there and could be listed.</summary>
    public bool IsReadable => RealPath is not null && !_unreadable.ContainsKey("");

    /// <summary>By relative path, with slashes.</summary>
    public IReadOnlyDictionary<string, FileStamp> Files => _files;

    /// <summary>Why folders could not be listed, by relative path with a slash at its end; the folder itself is the empty path.</summary>
    public IReadOnlyDictionary<string, string> Unreadable => _unreadable;

    /// <summary>The listing of a folder as it is now.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="entriesOf">Lists one folder, without those below it.</param>
    public static FolderListing Of(string directory, Func<string, FileSystemInfo[]> entriesOf)
    {
        var real = Manifests.RealPath.Of(directory);
        var listing = new FolderListing(Directory.Exists(real) ? real : null, entriesOf);
        if (listing.RealPath is { } root)
            listing.Enter(root, "");
        return listing;
    }

    /// <summary>What the system says is in a folder.</summary>
    public static FileSystemInfo[] EntriesOf(string folder) => new DirectoryInfo(folder).GetFileSystemInfos("*", Everything);

    /// <summary>Whether the path lies in a folder that could not be listed.</summary>
    public bool Hides(string path) => _unreadable.Keys.Any(folder => path.StartsWith(folder, StringComparison.Ordinal));

    /// <summary>Whether the other listing shows the same files, none of them written since.</summary>
    public bool Shows(FolderListing other) =>
        RealPath == other.RealPath
        && _files.Count == other._files.Count
        && _files.All(file => other._files.TryGetValue(file.Key, out var stamp) && stamp == file.Value);

    private void Enter(string folder, string prefix)
    {
        if (!_entered.Add(folder))
            return;
        try
        {
            foreach (var entry in _entriesOf(folder).OrderBy(entry => entry.Name, StringComparer.Ordinal))
            {
                if (!entry.Name.StartsWith('.'))
                    Add(entry, prefix + entry.Name);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Gone since its name was read.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _unreadable[prefix] = e is UnauthorizedAccessException ? "permission is denied" : e.Message;
        }
    }

    private void Add(FileSystemInfo entry, string path)
    {
        FileSystemInfo? target = entry;
        if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
        {
            var real = Manifests.RealPath.Of(entry.FullName);
            target = real is null ? null : Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
        }
        if (target is DirectoryInfo folder)
            Enter(folder.FullName, path + "/");
        else if (Path.GetExtension(path).ToLowerInvariant() is ".yaml" or ".yml" or ".json")
            _files[path] = target is FileInfo file ? StampOf(file) : default;
    }

    /// <summary>The stamp that a file has now.</summary>
    public static FileStamp StampOf(FileInfo file)
    {
        try
        {
            return file.Exists ? new FileStamp(file.FullName, file.Length, file.LastWriteTimeUtc) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
