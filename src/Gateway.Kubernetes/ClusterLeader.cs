using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Admission;
using Gateway.Kubernetes.Api;
using Gateway.Kubernetes.Events;
using Gateway.Kubernetes.Leasing;
using Gateway.Kubernetes.Status;
using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes;

/// <summary>What a replica writes to the cluster while it leads.</summary>
/// <param name="Lease">Who leads.</param>
public sealed record ClusterLeaderOptions(LeaseOptions Lease)
{
    /// <summary>Whose status is written; null: nobody's (<c>--update-status=false</c>).</summary>
    public StatusOptions? Status { get; init; } = new();

    /// <summary>Which addresses are published.</summary>
    public StatusAddressOptions Addresses { get; init; } = new();

    /// <summary>The webhook whose certificate is kept; null: none, or somebody else keeps it.</summary>
    public WebhookOptions? Webhook { get; init; }
}

/// <summary>Takes part in the election and, while this replica leads, writes status, Events and the webhook's certificate.</summary>
public sealed partial class ClusterLeader
{
    /// <summary>How long the removal of addresses on shutdown may take.</summary>
    private static readonly TimeSpan RemovalTimeout = TimeSpan.FromMinutes(2);

    private readonly ClusterLeaderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LeaderElector _elector;
    private readonly EventRecorder _events;
    private readonly StatusWriter? _status;
    private readonly WebhookCertificateIssuer? _issuer;
    private readonly GatewayPods? _pods;

    /// <param name="api">The API server.</param>
    /// <param name="options">What is written.</param>
    /// <param name="view">Which Ingresses there are.</param>
    /// <param name="diagnostics">What Events tell.</param>
    /// <param name="report">Takes what is wrong with writing a status, in scopes <c>status:…</c>, from any thread.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logging">Makes the logs.</param>
    public ClusterLeader(
        ApiClient api, ClusterLeaderOptions options, IngressStatusView view, DiagnosticLog diagnostics,
        Action<DiagnosticScope> report, TimeProvider time, ILoggerFactory logging)
    {
        (_options, _time, _logger) = (options, time, logging.CreateLogger<ClusterLeader>());
        _elector = new LeaderElector(api, options.Lease, time, logging.CreateLogger<LeaderElector>());
        _events = new EventRecorder(api, diagnostics, view, new EventOptions(options.Lease.Identity), time, logging.CreateLogger<EventRecorder>());
        if (options.Status is { } status)
        {
            var addresses = new StatusAddresses(api, options.Addresses, logging.CreateLogger<StatusAddresses>());
            _status = new StatusWriter(api, view, addresses, status, report, time, logging.CreateLogger<StatusWriter>());
        }
        if (options.Webhook is { } webhook)
            _issuer = new WebhookCertificateIssuer(api, webhook, time, logging.CreateLogger<WebhookCertificateIssuer>());
        if (options.Addresses.Pod is { } pod)
            _pods = new GatewayPods(api, pod);
    }

    /// <summary>Whether this replica leads now.</summary>
    public bool IsLeader => _elector.IsLeader;

    /// <summary>Who leads, as far as is known; null: nobody.</summary>
    public string? Leader => _elector.Leader;

    /// <summary>How many Events were not written.</summary>
    public long DroppedEvents => _events.Dropped;

    /// <summary>
    /// Takes part until <paramref name="stop"/> is requested. If this replica leads then and is the last of all, it
    /// removes its addresses from the status, if so told; then it releases the Lease and returns.
    /// </summary>
    public Task RunAsync(CancellationToken stop) => _elector.RunAsync(
        async leading =>
        {
            await WriteAsync(leading);
            if (stop.IsCancellationRequested)
                await RemoveAddressesAsync();
        },
        stop);

    private async Task WriteAsync(CancellationToken leading)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(leading);
        await Task.WhenAll(
            UntilOneEndsAsync(_events.RunAsync(all.Token)),
            UntilOneEndsAsync(_status?.RunAsync(all.Token)),
            UntilOneEndsAsync(_issuer?.RunAsync(all.Token)));

        // One that fails takes the others with it, so that another replica gets to do it all.
        async Task UntilOneEndsAsync(Task? work)
        {
            if (work is null)
                return;
            try
            {
                await work;
            }
            finally
            {
                all.Cancel();
            }
        }
    }

    private async Task RemoveAddressesAsync()
    {
        if (_status is null || _options.Status is not { RemoveWhenNotServed: true } || !_elector.IsLeader)
            return;
        using var timer = new CancellationTokenSource(RemovalTimeout, _time);
        try
        {
            if (_pods is null || await _pods.IsLastAsync(timer.Token))
                await _status.RemoveAllAsync(timer.Token);
        }
        catch (Exception e) when (e.IsApiFailure(CancellationToken.None))
        {
            Log.NotRemoved(_logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The gateway's addresses were not all removed from the status of Ingresses: {Reason}")]
        public static partial void NotRemoved(ILogger logger, string reason);
    }
}
