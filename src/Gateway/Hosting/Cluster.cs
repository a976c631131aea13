using System.Net;
using Gateway.Admin;
using Gateway.Admission;
using Gateway.CommandLine;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes;
using Gateway.Kubernetes.Admission;
using Gateway.Kubernetes.Api;
using Gateway.Kubernetes.Informers;
using Gateway.Kubernetes.Leasing;
using Gateway.Kubernetes.Objects;
using Gateway.Kubernetes.Status;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>Everything that concerns the cluster: what is read from it, what the leader writes to it, and the admission webhook.</summary>
internal sealed class Cluster : IConfigurationSource, IAsyncDisposable
{
    private readonly ApiClient _api;
    private readonly KubernetesSource _source;
    private readonly IngressStatusView _ingresses = new();
    private readonly ClusterLeader _leader;
    private readonly WebhookCertificate? _certificate;
    private readonly ServerOptions _options;
    private readonly ControlLoop _loop;
    private readonly ILoggerFactory _logging;
    private AdmissionServer? _webhook;

    /// <summary>Nothing is asked of the API server before <see cref="WatchAsync"/>.</summary>
    /// <exception cref="IOException">There are no credentials for a cluster; the message says what to do.</exception>
    public Cluster(ServerOptions options, ControlLoop loop, DiagnosticLog diagnostics, TimeProvider time, ILoggerFactory logging)
    {
        (_options, _loop, _logging) = (options, loop, logging);
        var cluster = options.Cluster;
        _api = new ApiClient(() => ClusterCredentials.Find(cluster), time);
        _source = new KubernetesSource(
            _api,
            new KubernetesSourceOptions
            {
                WatchNamespace = cluster.WatchNamespace,
                NamespaceSelector = cluster.WatchNamespaceSelector,
                SecretNamespaces = cluster.SecretNamespaces,
                Translation = options.Translation,
                ResyncPeriod = cluster.ResyncPeriod,
            },
            time, logging.CreateLogger<KubernetesSource>(), _ingresses);
        _leader = new ClusterLeader(_api, LeaderOptions(cluster), _ingresses, diagnostics, loop.Report, time, logging);
        if (cluster.WebhookPort is not null)
            _certificate = new WebhookCertificate(_api, WebhookSecret(cluster), time, logging.CreateLogger<WebhookCertificate>());
        loop.Applied += OnApplied;
    }

    /// <inheritdoc/>
    public string Description => $"the cluster at {_api.Server}";

    /// <summary>How things stand, for the admin API.</summary>
    public SourceView View => new(
        Description, _source.Status.Age.TotalSeconds, _leader.IsLeader,
        [.. _source.Status.Kinds.Select(kind => new KindView(
            kind.Name, kind.Synced, kind.Objects, kind.Age.TotalSeconds, kind.Forbidden ? "forbidden" : null))]);

    /// <inheritdoc/>
    public IAsyncEnumerable<SourceUpdate> WatchAsync(CancellationToken cancellation) => _source.WatchAsync(cancellation);

    /// <summary>
    /// Takes part in the election and writes what a leader writes, until <paramref name="stop"/>. Ingresses are judged for
    /// longer, until all is disposed of: the API server goes on calling a replica that is about to stop.
    /// </summary>
    /// <exception cref="IOException">The port of the webhook cannot be had.</exception>
    public async Task RunAsync(Action<int> opened, CancellationToken stop)
    {
        if (_certificate is not null)
        {
            _webhook = new AdmissionServer(
                new IPEndPoint(_options.BindAddress, _options.Cluster.WebhookPort!.Value), () => _certificate.Current, IngressDocument.Read, _loop.Judge,
                _logging.CreateLogger<AdmissionServer>());
            opened(await _webhook.StartAsync(stop));
        }
        await Task.WhenAll(_leader.RunAsync(stop), _certificate?.RunAsync(stop) ?? Task.CompletedTask);
    }

    /// <summary>Shows what is counted here.</summary>
    public void AddTo(GatewayMetrics metrics)
    {
        var age = metrics.Factory.CreateGauge("gateway_config_age_seconds", "How long ago the API server last confirmed the state that is served.");
        var leader = metrics.Factory.CreateGauge("gateway_leader", "1 while this replica writes status and Events.");
        var droppedEvents = metrics.Factory.CreateCounter("gateway_events_dropped_total", "Events that were not written.");
        var objects = metrics.Factory.CreateGauge("gateway_watch_objects", "Objects that are held: of Ingresses, those that are, may come to be, or were served.", ["kind"]);
        var synced = metrics.Factory.CreateGauge("gateway_watch_synced", "1 when all objects have been listed.", ["kind"]);
        (string Name, string Help, Func<KindStatus, long> Read)[] counters =
        [
            ("gateway_watch_lists_total", "Lists read to their end.", kind => kind.Lists),
            ("gateway_watch_watches_total", "Watches opened.", kind => kind.Watches),
            ("gateway_watch_restarts_total", "Watches that could not be resumed, so that everything was listed anew.", kind => kind.Restarts),
            ("gateway_watch_events_total", "Events received.", kind => kind.Events),
            ("gateway_watch_errors_total", "Requests that failed, and watches that ended before their time.", kind => kind.Errors),
            ("gateway_watch_repairs_total", "Objects that a resync found to differ from what was known.", kind => kind.Repairs),
        ];
        var counts = counters.Select(counter => (Counter: metrics.Factory.CreateCounter(counter.Name, counter.Help, ["kind"]), counter.Read)).ToArray();
        metrics.OnScrape(() =>
        {
            age.Set(_source.Status.Age.TotalSeconds);
            leader.Set(_leader.IsLeader ? 1 : 0);
            droppedEvents.IncTo(_leader.DroppedEvents);
            foreach (var kind in _source.Status.Kinds)
            {
                objects.WithLabels(kind.Name).Set(kind.Objects);
                synced.WithLabels(kind.Name).Set(kind.Synced ? 1 : 0);
                foreach (var (counter, read) in counts)
                    counter.WithLabels(kind.Name).IncTo(read(kind));
            }
        });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _loop.Applied -= OnApplied;
        if (_webhook is not null)
            await _webhook.DisposeAsync();
        _api.Dispose();
    }

    private void OnApplied(ConfigurationDelta delta) => _ingresses.Apply(delta);

    private static ObjectName WebhookSecret(ClusterOptions cluster) => new(cluster.PodNamespace, cluster.WebhookSecret);

    /// <summary>
    /// A pod's name is its own, and a container that is started again has it still, so that it leads on at once. A machine
    /// may run several processes and share its name with another, and of two by one name both would lead.
    /// </summary>
    private static string Identity(ClusterOptions cluster) => cluster.IsPod ? cluster.PodName : $"{cluster.PodName}_{Guid.NewGuid():N}";

    private static ClusterLeaderOptions LeaderOptions(ClusterOptions cluster) =>
        new(new LeaseOptions(new ObjectName(cluster.PodNamespace, cluster.ElectionId), Identity(cluster)))
        {
            Status = cluster.UpdateStatus
                ? new StatusOptions { TakeOver = cluster.TakeOver, RemoveWhenNotServed = cluster.UpdateStatusOnShutdown }
                : null,
            Addresses = new StatusAddressOptions
            {
                Addresses = cluster.PublishStatusAddresses,
                Service = cluster.PublishService,
                NodeInternalIp = cluster.ReportNodeInternalIp,
                Pod = cluster.IsPod || ClusterCredentials.IsInPod ? new ObjectName(cluster.PodNamespace, cluster.PodName) : null,
            },
            Webhook = cluster is { WebhookPort: not null, WebhookConfiguration: { } configuration } ? new WebhookOptions(WebhookSecret(cluster), configuration) : null,
        };
}
