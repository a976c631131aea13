using System.Collections.Concurrent;
using System.Diagnostics;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Manifests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Manifests;

/// <summary>
/// A temporary folder, and what a <see cref="ManifestFolder"/> that follows it has handed over. Its clock stands still
/// but for the waits here, so that a busy machine stretches no pause beyond its meaning.
/// </summary>
internal sealed class Follower : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("manifests-");
    private readonly DiagnosticLog _log = new();
    private readonly FakeTimeProvider _time;
    private Task _following = Task.CompletedTask;
    private ManifestFolder? _source;

    /// <param name="time">The clock; by default one that nobody else watches.</param>
    public Follower(FakeTimeProvider? time = null)
    {
        _time = time ?? new FakeTimeProvider();
        Folder = Path.Combine(_temporary.FullName, "folder");
        Directory.CreateDirectory(Folder);
        _log.Appeared += problem => Appeared.Add(problem);
        _log.Cured += problem => Cured.Add(problem);
    }

    /// <summary>The folder that is followed.</summary>
    public string Folder { get; }

    /// <summary>Beside the folder, not followed.</summary>
    public string Elsewhere => _temporary.FullName;

    public ConcurrentDictionary<ResourceKey, Resource> Objects { get; } = [];

    public BlockingCollection<SourceUpdate> Updates { get; } = [];

    public BlockingCollection<Diagnostic> Appeared { get; } = [];

    public BlockingCollection<Diagnostic> Cured { get; } = [];

    public IReadOnlyList<Diagnostic> Problems => _log.Current;

    public ManifestFolder Source => _source!;

    public bool Synced => Updates.LastOrDefault()?.Synced ?? false;

    /// <summary>How many changes of objects have been handed over.</summary>
    public int Changes => Updates.Sum(update => update.Changes.Count);

    /// <summary>A folder, by its name, that may not be listed: root may list all, whatever their mode is.</summary>
    public string? Forbidden { get; set; }

    /// <summary>Starts to follow, and waits for the first update.</summary>
    public async Task StartAsync(ILogger<ManifestFolder>? logger = null)
    {
        _source = new ManifestFolder(Folder, _time, logger ?? NullLogger<ManifestFolder>.Instance, EntriesOf);
        _following = Task.Run(async () =>
        {
            await foreach (var update in _source.WatchAsync(_stop.Token))
            {
                Assert.Distinct(update.Changes.Select(change => change.Key));
                foreach (var change in update.Changes)
                {
                    if (change.Resource is { } resource)
                        Objects[change.Key] = resource;
                    else
                        Assert.True(Objects.TryRemove(change.Key, out _), $"{change.Key} was never there");
                }
                foreach (var scope in update.Diagnostics)
                {
                    Assert.StartsWith("manifests:", scope.Name);
                    _log.Replace(scope.Name, scope.Diagnostics);
                }
                Updates.Add(update);
            }
        });
        await Eventually(() => Updates.Count > 0, "a first update");
    }

    public string PathOf(string name) => Path.Combine(Folder, name);

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
    }

    /// <summary>The value of the ConfigMap, or null while there is none.</summary>
    public string? ValueOf(string name) =>
        Objects.TryGetValue(Key(name), out var found) ? ((ConfigMapResource)found).Data[0].Value : null;

    public static ResourceKey Key(string name) => new(ResourceKind.ConfigMap, new ObjectName("default", name));

    public static string ConfigMap(string name, string value) =>
        $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: {name} }}\ndata: {{ value: \"{value}\" }}\n";

    /// <summary>Waits for something, while the source's clock runs, unless it is not to <paramref name="advance"/>.</summary>
    public async Task Eventually(Func<bool> condition, string what, bool advance = true)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (_following.IsFaulted)
                await _following;
            Assert.True(clock.Elapsed < Deadline, $"not within {Deadline}: {what}\n{string.Join('\n', Objects.Keys)}\n{string.Join('\n', Problems)}");
            if (advance)
                await Pass(Tick);
            else
                await Task.Delay(Tick, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets this much time pass on the source's clock, and about as much in truth.</summary>
    public async Task Pass(TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Tick)
        {
            await Task.Delay(Tick, TestContext.Current.CancellationToken);
            _time.Advance(Tick);
        }
    }

    public Task EventuallyIs(string name, string? value) => Eventually(() => ValueOf(name) == value, $"{name} = {value ?? "gone"}");

    /// <summary>Waits for an unrelated change, made now: what was to come of earlier ones has come by then.</summary>
    public async Task Settled()
    {
        var name = "zz-" + Guid.NewGuid().ToString("N");
        Write(name + ".yaml", ConfigMap(name, "x"));
        await EventuallyIs(name, "x");
        File.Delete(PathOf(name + ".yaml"));
        await EventuallyIs(name, null);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _following);
        _stop.Dispose();
        _temporary.Delete(recursive: true);
    }

    private FileSystemInfo[] EntriesOf(string folder) =>
        Path.GetFileName(folder) == Forbidden ? throw new UnauthorizedAccessException() : FolderListing.EntriesOf(folder);
}
