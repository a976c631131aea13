using System.Runtime.CompilerServices;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;
using Gateway.Kubernetes.Objects;
using Gateway.Kubernetes.Status;
using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes.Informers;

/// <summary>
/// The source that reads a cluster and follows it: one informer a kind, whose changes are gathered into batches. While
/// the API server cannot be reached nothing is reported, so that what was last known goes on being served.
/// </summary>
public sealed class KubernetesSource
{
    private readonly InformerContext _context;
    private readonly UpdateQueue _updates;
    private readonly SecretReader _secrets;
    private readonly Informer<ObservedIngress> _ingresses;
    private readonly Informer<Resource> _classes;
    private readonly SecretInformers[] _secretInformers;
    private readonly Informer<string>? _namespaces;
    private readonly List<Informer<Resource>> _independent = [];

    /// <summary>Nothing is asked of the API server before <see cref="WatchAsync"/>.</summary>
    /// <param name="api">The API server.</param>
    /// <param name="options">What is read.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears how it goes.</param>
    /// <param name="statuses">Told what the status of each Ingress is, which the batches leave out; null: nobody wants to know.</param>
    public KubernetesSource(
        ApiClient api, KubernetesSourceOptions options, TimeProvider time, ILogger<KubernetesSource> logger, IngressStatusView? statuses = null)
    {
        _updates = new UpdateQueue(time);
        _context = new InformerContext(
            api, new ObjectReader(), new Contact(api.Server, time, logger), _updates.Post, options.ResyncPeriod, time, logger);
        var secrets = new SecretTable(_updates);
        _secrets = new SecretReader(secrets, _context);
        if (options.Translation.DefaultSslCertificate is { } certificate)
            secrets.Need([certificate]);
        var ingresses = new IngressTable(options, secrets, statuses, _updates);

        var scope = options.WatchNamespace;
        _ingresses = new Informer<ObservedIngress>(
            new InformerTarget(ApiResource.Ingresses, scope)
            {
                IsIndispensable = true,
                WhenForbidden = "the gateway has nothing to serve and waits",
            },
            _context.Reader.ReadIngress, ingresses, _context);
        ingresses.Incomplete = _ingresses.ListAnew;
        _secretInformers = options.SecretNamespaces.Count == 0
            ? [new SecretInformers(scope, "", secrets, _context)]
            : [.. options.SecretNamespaces.Select(name => new SecretInformers(name, $" in {name}", secrets, _context))];
        _independent.Add(Follow(ResourceKind.Service, new InformerTarget(ApiResource.Services, scope)
        {
            IsIndispensable = true,
            WhenForbidden = "the gateway knows no upstream and waits",
        }));
        _independent.Add(Follow(ResourceKind.EndpointSlice, new InformerTarget(ApiResource.EndpointSlices, scope)
        {
            IsIndispensable = true,
            WhenForbidden = "the gateway knows no upstream and waits",
        }));
        _classes = Follow(ResourceKind.IngressClass, new InformerTarget(ApiResource.IngressClasses, null)
        {
            WhenForbidden = "it cannot know which classes are its own: only Ingresses that name the class of --ingress-class are served, by annotation or, with --watch-namespace or --ingress-class-by-name, by spec.ingressClassName",
        }, (name, ingressClass) => ingresses.SetClass(name.Name, (IngressClassResource?)ingressClass));
        _independent.Add(_classes);
        if (options.Translation.ConfigMap is { } configMap)
        {
            _independent.Add(Follow(ResourceKind.ConfigMap, new InformerTarget(ApiResource.ConfigMaps, configMap.Namespace)
            {
                Selector = $"fieldSelector=metadata.name%3D{Uri.EscapeDataString(configMap.Name)}",
                WhenForbidden = $"the settings of the ConfigMap {configMap} are not in force",
            }));
        }
        if (options.NamespaceSelector is { } selector)
        {
            _namespaces = new Informer<string>(
                new InformerTarget(ApiResource.Namespaces, null)
                {
                    Selector = $"labelSelector={Uri.EscapeDataString(selector)}",
                    MetadataOnly = true,
                    IsIndispensable = true,
                    WhenForbidden = "it cannot know which namespaces --watch-namespace-selector means, and waits",
                },
                _context.Reader.ReadVersion, new NamespaceScope { Changed = ingresses.SetScope }, _context);
        }
        Status = new SourceStatus(api.Server,
            [_ingresses.Status, .. _independent.Select(informer => informer.Status), .. _secretInformers.SelectMany(informers => informers.Statuses),
                .. _namespaces is null ? Array.Empty<KindStatus>() : [_namespaces.Status]]);
    }

    /// <summary>How things stand; may be read from any thread.</summary>
    public SourceStatus Status { get; }

    /// <summary>
    /// Everything first, in one batch that says so, then each change until cancelled; diagnostics may come before. To be
    /// enumerated once.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async IAsyncEnumerable<SourceUpdate> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = RunAsync(stop.Token);
        try
        {
            await foreach (var update in _updates.ReadAllAsync(cancellation))
                yield return update;
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task RunAsync(CancellationToken cancellation) => Task.WhenAll(
    [
        .. _independent.Select(informer => informer.RunAsync(cancellation)),
        _namespaces?.RunAsync(cancellation) ?? Task.CompletedTask,
        _secrets.RunAsync(cancellation),
        RunInOrderAsync(cancellation),
    ]);

    /// <summary>
    /// Namespaces and IngressClasses say which Ingresses count, and Ingresses which Secrets are needed: whoever lists them in this order
    /// need not keep what nobody needs, nor read again what it let go.
    /// </summary>
    private async Task RunInOrderAsync(CancellationToken cancellation)
    {
        List<Task> running = [];
        if (_namespaces is not null)
            await _namespaces.Settled.WaitAsync(cancellation);
        await _classes.Settled.WaitAsync(cancellation);
        running.Add(_ingresses.RunAsync(cancellation));
        await _ingresses.Settled.WaitAsync(cancellation);
        running.AddRange(_secretInformers.Select(informers => informers.RunAsync(cancellation)));
        foreach (var informers in _secretInformers)
            await informers.SettledAsync(cancellation);
        foreach (var informer in _independent)
            await informer.Settled.WaitAsync(cancellation);
        await _secrets.CaughtUpAsync().WaitAsync(cancellation);
        _updates.Synced();
        await Task.WhenAll(running);
    }

    private Informer<Resource> Follow(ResourceKind kind, InformerTarget target, Action<ObjectName, Resource?>? changed = null) =>
        new(target, json => _context.Reader.ReadResource(kind, json), new ResourceTable(kind, _updates) { Changed = changed }, _context);
}
