using System.Collections.Concurrent;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;
using Gateway.Kubernetes.Informers;
using Gateway.Kubernetes.Status;
using Gateway.Kubernetes.Tests.Harness;
using k8s;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>A source at work, and what the rest of the gateway would know by it.</summary>
internal sealed class RunningSource : IAsyncDisposable
{
    // Far more than anything takes: the machine may be busy with other tests.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>More often than a real server's, so that a clock which runs ahead does not make them look missing.</summary>
    public static readonly TimeSpan Bookmarks = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<ResourceKey, Resource> _objects = [];
    private readonly ConcurrentQueue<SourceUpdate> _updates = [];
    private readonly DiagnosticLog _diagnostics = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ApiClient _api;
    private readonly FakeTimeProvider? _clock;
    private readonly Task _following;

    private RunningSource(Func<KubernetesClientConfiguration> configure, KubernetesSourceOptions options, FakeTimeProvider? clock)
    {
        _clock = clock;
        var time = clock ?? TimeProvider.System;
        _api = new ApiClient(configure, time);
        Source = new KubernetesSource(_api, options, time, new Logger<KubernetesSource>(Logs), Statuses);
        _following = FollowAsync();
    }

    public KubernetesSource Source { get; }

    /// <summary>What it says of statuses.</summary>
    public IngressStatusView Statuses { get; } = new();

    public RecordedLogs Logs { get; } = new();

    /// <summary>All objects that were handed over and not withdrawn.</summary>
    public IReadOnlyDictionary<ResourceKey, Resource> Objects => _objects;

    /// <summary>All batches, in order.</summary>
    public IReadOnlyCollection<SourceUpdate> Updates => _updates;

    /// <summary>What is wrong now.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => _diagnostics.Current;

    public bool IsSynced { get; private set; }

    /// <summary>Called with each batch before the next one is asked for.</summary>
    public Func<SourceUpdate, Task>? OnUpdate { get; set; }

    public static RunningSource Start(Cluster cluster, KubernetesSourceOptions? options = null, FakeTimeProvider? clock = null) =>
        Start(() => cluster.Configuration, options, clock);

    public static RunningSource Start(Func<KubernetesClientConfiguration> configure, KubernetesSourceOptions? options = null, FakeTimeProvider? clock = null) =>
        new(configure, options ?? new KubernetesSourceOptions(), clock);

    public static async Task<RunningSource> StartSyncedAsync(Cluster cluster, KubernetesSourceOptions? options = null, FakeTimeProvider? clock = null)
    {
        var source = Start(cluster, options, clock);
        await source.UntilAsync(() => source.IsSynced);
        return source;
    }

    public KindStatus StatusOf(string kind) => Source.Status.Kinds.Single(status => status.Name == kind);

    public T? Find<T>(ResourceKind kind, string ns, string name)
        where T : Resource => (T?)_objects.GetValueOrDefault(new ResourceKey(kind, new ObjectName(ns, name)));

    public IngressResource? Ingress(string name, string ns = "demo") => Find<IngressResource>(ResourceKind.Ingress, ns, name);

    public SecretResource? Secret(string name, string ns = "demo") => Find<SecretResource>(ResourceKind.Secret, ns, name);

    /// <summary>Waits for a condition. A fake clock goes on meanwhile, a little with each look.</summary>
    public async Task UntilAsync(Func<bool> condition, TimeSpan? step = null, TimeSpan? timeout = null)
    {
        try
        {
            await Wait.UntilAsync(
                () =>
                {
                    Assert.False(_following.IsFaulted, _following.Exception?.ToString());
                    if (condition())
                        return true;
                    _clock?.Advance(step ?? TimeSpan.FromMilliseconds(5));
                    return false;
                },
                timeout ?? Patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(string.Join('\n', [e.Message, .. Logs.Entries, .. Diagnostics.Select(diagnostic => diagnostic.ToString())]), e);
        }
    }

    /// <summary>Lets the fake clock go on, in steps between which the source can act.</summary>
    public async Task PassAsync(TimeSpan time, TimeSpan step)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += step)
        {
            _clock!.Advance(step);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// The same while all is well, with <see cref="Bookmarks"/>: the clock hardly moves while one is overdue, since the
    /// server may need real time to send it.
    /// </summary>
    public async Task PassInContactAsync(TimeSpan time, TimeSpan step)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += step)
        {
            _clock!.Advance(step);
            await UntilAsync(() => Source.Status.Age < 2 * Bookmarks, TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Asserts that another source, which has just listed everything, knows the same.</summary>
    public async Task AssertSameAsAFreshListAsync(Cluster cluster, KubernetesSourceOptions? options = null)
    {
        await using var fresh = await StartSyncedAsync(cluster, options);
        try
        {
            await UntilAsync(() => fresh.Objects.Count == Objects.Count && fresh.Objects.All(pair => pair.Value.Equals(Objects.GetValueOrDefault(pair.Key))));
        }
        catch (TimeoutException)
        {
            Assert.Equal(fresh.Objects.OrderBy(pair => pair.Key.ToString()), Objects.OrderBy(pair => pair.Key.ToString()));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _api.Dispose();
    }

    private async Task FollowAsync()
    {
        await Task.Yield();
        await foreach (var update in Source.WatchAsync(_stop.Token))
        {
            foreach (var scope in update.Diagnostics)
                _diagnostics.Replace(scope.Name, scope.Diagnostics);
            foreach (var (key, resource, _) in update.Changes)
            {
                if (resource is null)
                    _objects.TryRemove(key, out _);
                else
                    _objects[key] = resource;
            }
            _updates.Enqueue(update);
            IsSynced |= update.Synced;
            if (OnUpdate is { } act)
                await act(update).WaitAsync(_stop.Token);
        }
    }
}
