using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Manifests;
using Gateway.Configuration.Resources;

namespace Gateway.Manifests;

/// <summary>
/// What the files of a folder say, and which of it holds. Of several definitions of an object the first by path
/// (ordinal), then by place in the file, holds. While anything in a file is wrong, nothing of it is taken away: what
/// was last read well stays.
/// </summary>
internal sealed class FolderContents
{
    private const string ScopePrefix = "manifests:";

    private readonly Dictionary<string, FileContents> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<ResourceKey, List<Definition>> _definitions = [];
    private readonly Dictionary<ResourceKey, Definition> _handedOver = [];
    private readonly HashSet<string> _scopes = new(StringComparer.Ordinal);
    private readonly HashSet<ResourceKey> _touchedKeys = [];
    private readonly HashSet<string> _touchedFiles = new(StringComparer.Ordinal);
    private Dictionary<string, Diagnostic> _folderProblems = new(StringComparer.Ordinal);
    private Dictionary<string, Diagnostic>? _newFolderProblems;

    public IReadOnlyCollection<string> Paths => _files.Keys;

    /// <summary>How many objects are of kinds that the gateway does not use.</summary>
    public int Skipped => _files.Values.Sum(file => file.Skipped);

    public bool DefinesAnything(string path) => _files.TryGetValue(path, out var file) && file.Definitions.Count > 0;

    /// <summary>Whether the file was last put with another stamp, or never, or could not be read (rights change without a trace in the stamp).</summary>
    public bool IsOutdated(string path, FileStamp stamp) =>
        !_files.TryGetValue(path, out var file) || file.IsUnreadable || file.Stamp != stamp;

    /// <summary>What the file says now.</summary>
    public void Put(string path, FileStamp stamp, ManifestFile read)
    {
        if (read.SyntaxError is { } error)
        {
            KeepAll(path, stamp, error, isUnreadable: false);
            return;
        }
        var before = _files.GetValueOrDefault(path);
        List<Definition> definitions = [];
        List<Diagnostic> diagnostics = [];
        foreach (var found in read.Objects)
        {
            if (found.Resource is { } resource)
                definitions.Add(new Definition(path, resource, found.Origin));
            diagnostics.AddRange(found.Diagnostics);
        }
        if (before is not null && read.Objects.Any(found => found.Resource is null))
            KeepRefused(before, read, definitions, diagnostics);
        Replace(path, before, new FileContents(stamp, definitions, diagnostics, read.Skipped.Count, false));
    }

    /// <summary>The file is there, but what it says cannot be known.</summary>
    public void PutUnreadable(string path, FileStamp stamp, Diagnostic problem) => KeepAll(path, stamp, problem, isUnreadable: true);

    /// <summary>The file is gone, and with it what it defined.</summary>
    public void Remove(string path)
    {
        Replace(path, _files[path], null);
        _files.Remove(path);
    }

    /// <summary>What is wrong with the folder itself and its subfolders, by relative path.</summary>
    public void PutFolderProblems(IEnumerable<KeyValuePair<string, Diagnostic>> problems) =>
        _newFolderProblems = new Dictionary<string, Diagnostic>(problems, StringComparer.Ordinal);

    /// <summary>All that has changed since the last call.</summary>
    public (List<ResourceChange> Changes, List<DiagnosticScope> Diagnostics) TakeChanges()
    {
        List<ResourceChange> changes = [];
        foreach (var key in _touchedKeys)
        {
            var definitions = _definitions.GetValueOrDefault(key) ?? [];
            _touchedFiles.UnionWith(definitions.Select(definition => definition.Path));
            var holding = definitions.FirstOrDefault();
            var known = _handedOver.GetValueOrDefault(key);
            if (holding is null)
            {
                if (_handedOver.Remove(key))
                    changes.Add(ResourceChange.Delete(key));
            }
            else if (!holding.Resource.Equals(known?.Resource) || holding.Origin != known.Origin)
            {
                // Moved within its file, it is no other object, but diagnostics name its line.
                _handedOver[key] = holding;
                changes.Add(ResourceChange.Upsert(holding.Resource, holding.Origin));
            }
        }
        _touchedKeys.Clear();
        return (changes, TakeDiagnostics());
    }

    private List<DiagnosticScope> TakeDiagnostics()
    {
        List<DiagnosticScope> scopes = [];
        foreach (var path in _touchedFiles.Order(StringComparer.Ordinal))
        {
            var diagnostics = _files.TryGetValue(path, out var file) ? DiagnosticsOf(file) : [];
            var had = diagnostics.Count > 0 ? !_scopes.Add(path) : _scopes.Remove(path);
            if (had || diagnostics.Count > 0)
                scopes.Add(new DiagnosticScope(ScopePrefix + path, diagnostics));
        }
        _touchedFiles.Clear();
        if (_newFolderProblems is { } now)
        {
            foreach (var (path, problem) in now)
            {
                if (!problem.Equals(_folderProblems.GetValueOrDefault(path)))
                    scopes.Add(new DiagnosticScope(ScopePrefix + path, [problem]));
            }
            foreach (var path in _folderProblems.Keys.Where(path => !now.ContainsKey(path)))
                scopes.Add(new DiagnosticScope(ScopePrefix + path, []));
            (_folderProblems, _newFolderProblems) = (now, null);
        }
        return scopes;
    }

    private List<Diagnostic> DiagnosticsOf(FileContents file)
    {
        List<Diagnostic> diagnostics = [.. file.Diagnostics];
        foreach (var definition in file.Definitions)
        {
            var holding = _definitions[definition.Key][0];
            if (holding != definition)
            {
                diagnostics.Add(new Diagnostic(
                    DiagnosticSeverity.Error, definition.Key, "", null,
                    $"the object is defined at {holding.Origin} already, and the first definition by path holds", "Remove one of the two")
                {
                    Origin = definition.Origin,
                });
            }
        }
        return diagnostics;
    }

    private void KeepAll(string path, FileStamp stamp, Diagnostic problem, bool isUnreadable)
    {
        var before = _files.GetValueOrDefault(path);
        Replace(path, before, new FileContents(stamp, before?.Definitions ?? [], [problem], before?.Skipped ?? 0, isUnreadable));
    }

    /// <summary>Carries over what is refused now and was fine before, and what a broken object may once have been.</summary>
    private static void KeepRefused(FileContents before, ManifestFile read, List<Definition> definitions, List<Diagnostic> diagnostics)
    {
        var defined = definitions.Select(definition => definition.Key).ToHashSet();
        var refused = read.Objects.Where(found => found is { Resource: null, Key: not null }).Select(found => found.Key!.Value).ToHashSet();
        var isBroken = diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        foreach (var old in before.Definitions)
        {
            if (defined.Contains(old.Key))
                continue;
            if (refused.Contains(old.Key))
                definitions.Add(old);
            else if (isBroken)
            {
                definitions.Add(old);
                diagnostics.Add(new Diagnostic(
                    DiagnosticSeverity.Warning, old.Key, "", null,
                    $"the object is gone from {old.Path}, but is kept as long as something else there is refused", "Mend the rest of the file")
                {
                    Origin = old.Origin,
                });
            }
        }
    }

    private void Replace(string path, FileContents? before, FileContents? after)
    {
        _touchedFiles.Add(path);
        foreach (var definition in before?.Definitions ?? [])
        {
            var all = _definitions[definition.Key];
            all.Remove(definition);
            _touchedKeys.Add(definition.Key);
            if (all.Count == 0)
                _definitions.Remove(definition.Key);
        }
        foreach (var definition in after?.Definitions ?? [])
        {
            if (!_definitions.TryGetValue(definition.Key, out var all))
                _definitions[definition.Key] = all = [];
            var next = all.FindIndex(other => string.CompareOrdinal(other.Path, path) > 0);
            all.Insert(next < 0 ? all.Count : next, definition);
            _touchedKeys.Add(definition.Key);
        }
        if (after is not null)
            _files[path] = after;
    }

    /// <summary>One place that defines an object; compares by reference, since a file may define one twice.</summary>
    private sealed class Definition(string path, Resource resource, Origin origin)
    {
        public ResourceKey Key { get; } = resource.Key;

        public string Path { get; } = path;

        public Resource Resource { get; } = resource;

        public Origin Origin { get; } = origin;
    }

    private sealed record FileContents(
        FileStamp Stamp, IReadOnlyList<Definition> Definitions, IReadOnlyList<Diagnostic> Diagnostics, int Skipped, bool IsUnreadable);
}
