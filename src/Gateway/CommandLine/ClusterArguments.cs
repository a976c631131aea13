using System.CommandLine;
using Gateway.Configuration.Resources;
using static Gateway.CommandLine.OptionTypes;

namespace Gateway.CommandLine;

/// <summary>The options that concern a cluster, with ingress-nginx's names where the meaning is the same.</summary>
internal sealed class ClusterArguments
{
    private static readonly ClusterOptions Defaults = new();

    private readonly Option<string?> _kubeconfig = Text("--kubeconfig", "FILE", "How to reach the cluster. [default: KUBECONFIG, else the pod's own credentials, else ~/.kube/config]");
    private readonly Option<string?> _context = Text("--context", "NAME", "Context of the kubeconfig. [default: its current one]");
    private readonly Option<string?> _watchNamespace = Text("--watch-namespace", "NAMESPACE", "Watch this namespace only; rights in it are then enough. [default: all]");
    private readonly Option<string?> _namespaceSelector = Text("--watch-namespace-selector", "SELECTOR", "Watch the namespaces whose labels match only, such as team=shop. [default: all]");
    private readonly Option<string?> _secretNamespaces = Text("--secret-namespaces", "NAMESPACE[,NAMESPACE]", "Read Secrets in these namespaces only; hosts with their certificate elsewhere get the default one. [default: in all that are watched]");
    private readonly Option<TimeSpan> _classGrace = Duration("--class-grace", "How long the routes of a deleted IngressClass are served on. [default: 30s]");
    private readonly Option<TimeSpan> _resyncPeriod = Duration("--resync-period", "How often everything is listed anew and compared with what is known. [default: 30m]");
    private readonly Option<bool> _updateStatus = Switch("--update-status", "Write the addresses of the gateway into the status of the Ingresses that it serves.", byDefault: true);
    private readonly Option<bool> _updateOnShutdown = Switch("--update-status-on-shutdown", "Take them away again when the last replica stops.", byDefault: true);
    private readonly Option<ObjectName?> _publishService = Name("--publish-service", "Service whose addresses become the status of Ingresses. [default: the addresses of the nodes that run the gateway]");
    private readonly Option<string?> _statusAddress = Text("--publish-status-address", "ADDRESS[,ADDRESS]", "Addresses or names that become the status of Ingresses, in the place of the Service's.");
    private readonly Option<bool> _nodeInternal = Switch("--report-node-internal-ip-address", "Name nodes by their internal addresses.", byDefault: false);
    private readonly Option<string?> _electionId = Text("--election-id", "NAME", $"Lease by which the replicas elect the one that writes status. [default: {Defaults.ElectionId}]");
    private readonly Option<bool> _takeOver = Switch("--take-over", "Write status also on Ingresses whose class is ingress-nginx's, which is served at any rate.", byDefault: false);
    private readonly Option<bool> _allowLocal = Switch("--allow-local-addresses", "Allow endpoints at loopback and link-local addresses, such as a cloud's metadata service.", byDefault: false);
    private readonly Option<int?> _webhookPort = OptionalPort("--validating-webhook-port", "Port of the validating admission webhook. [default: there is none]");
    private readonly Option<string?> _webhookSecret = Text("--validating-webhook-secret", "NAME", $"Secret with its certificate, in the pod's namespace; made when it is missing. [default: {Defaults.WebhookSecret}]");
    private readonly Option<string?> _webhookConfiguration = Text("--validating-webhook-configuration", "NAME", "ValidatingWebhookConfiguration that gets the authority of that certificate. [default: none]");

    private ClusterArguments()
    {
    }

    private IEnumerable<Option> All =>
    [
        _kubeconfig, _context, _watchNamespace, _namespaceSelector, _secretNamespaces, _classGrace, _resyncPeriod, _updateStatus, _updateOnShutdown, _publishService,
        _statusAddress, _nodeInternal, _electionId, _takeOver, _allowLocal, _webhookPort, _webhookSecret, _webhookConfiguration,
    ];

    /// <summary>Adds the options to <paramref name="command"/>; none of them goes with <paramref name="manifests"/>.</summary>
    public static ClusterArguments AddTo(Command command, Option manifests)
    {
        var arguments = new ClusterArguments();
        foreach (var option in arguments.All)
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(manifests) is null)
                return;
            foreach (var option in arguments.All)
            {
                if (result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} is about a cluster, so it does not go with --manifests.");
            }
        });
        return arguments;
    }

    /// <summary>What was typed.</summary>
    public ClusterOptions Read(ParseResult parsed) => Defaults with
    {
        Kubeconfig = parsed.GetValue(_kubeconfig),
        Context = parsed.GetValue(_context),
        WatchNamespace = parsed.GetValue(_watchNamespace),
        WatchNamespaceSelector = parsed.GetValue(_namespaceSelector),
        SecretNamespaces = List(parsed.GetValue(_secretNamespaces)),
        ClassGrace = parsed.GetResult(_classGrace) is null ? Defaults.ClassGrace : parsed.GetValue(_classGrace),
        ResyncPeriod = parsed.GetResult(_resyncPeriod) is null ? Defaults.ResyncPeriod : parsed.GetValue(_resyncPeriod),
        UpdateStatus = parsed.GetValue(_updateStatus),
        UpdateStatusOnShutdown = parsed.GetValue(_updateOnShutdown),
        PublishService = parsed.GetValue(_publishService),
        PublishStatusAddresses = List(parsed.GetValue(_statusAddress)),
        ReportNodeInternalIp = parsed.GetValue(_nodeInternal),
        ElectionId = parsed.GetValue(_electionId) ?? Defaults.ElectionId,
        TakeOver = parsed.GetValue(_takeOver),
        AllowLocalAddresses = parsed.GetValue(_allowLocal),
        WebhookPort = parsed.GetValue(_webhookPort),
        WebhookSecret = parsed.GetValue(_webhookSecret) ?? Defaults.WebhookSecret,
        WebhookConfiguration = parsed.GetValue(_webhookConfiguration),
        IsPod = Variable("POD_NAME") is not null,
        PodName = Variable("POD_NAME") ?? Defaults.PodName,
        PodNamespace = Variable("POD_NAMESPACE") ?? Defaults.PodNamespace,
    };

    private static EquatableArray<string> List(string? value) =>
        (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToEquatableArray();

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
