using System.Net;
using Gateway.Configuration.Resources;

namespace Gateway.CommandLine;

/// <summary>How the gateway is to work with a cluster; the result of the command line.</summary>
internal sealed record ClusterOptions
{
    /// <summary>The kubeconfig file; null: <c>KUBECONFIG</c>, else the credentials of the pod, else the user's own file.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The context in it; null: its current one.</summary>
    public string? Context { get; init; }

    /// <summary>The one namespace that is watched; null: all.</summary>
    public string? WatchNamespace { get; init; }

    /// <summary>A label selector for the namespaces that are watched; null: all.</summary>
    public string? WatchNamespaceSelector { get; init; }

    /// <summary>The namespaces whose Secrets are read; empty: all that are watched.</summary>
    public EquatableArray<string> SecretNamespaces { get; init; }

    /// <summary>How long the routes of a deleted IngressClass are served on.</summary>
    public TimeSpan ClassGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often everything is listed anew and compared.</summary>
    public TimeSpan ResyncPeriod { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Whether Ingresses get a status at all.</summary>
    public bool UpdateStatus { get; init; } = true;

    /// <summary>Whether the status is taken away when the last replica stops.</summary>
    public bool UpdateStatusOnShutdown { get; init; } = true;

    /// <summary>The Service whose addresses become the status.</summary>
    public ObjectName? PublishService { get; init; }

    /// <summary>The addresses that become the status, in the place of a Service's.</summary>
    public EquatableArray<string> PublishStatusAddresses { get; init; }

    /// <summary>Whether nodes are named by their internal addresses.</summary>
    public bool ReportNodeInternalIp { get; init; }

    /// <summary>The name of the Lease by which replicas elect the one that writes status.</summary>
    public string ElectionId { get; init; } = "gateway-leader";

    /// <summary>Whether status is written on Ingresses of ingress-nginx's class too.</summary>
    public bool TakeOver { get; init; }

    /// <summary>Whether endpoints may be at loopback and link-local addresses.</summary>
    public bool AllowLocalAddresses { get; init; }

    /// <summary>The port of the admission webhook; null: there is none.</summary>
    public int? WebhookPort { get; init; }

    /// <summary>The Secret, in the pod's namespace, with the webhook's certificate.</summary>
    public string WebhookSecret { get; init; } = "gateway-admission";

    /// <summary>The ValidatingWebhookConfiguration that gets the certificate's authority; null: it has one already.</summary>
    public string? WebhookConfiguration { get; init; }

    /// <summary>The pod that this process runs in (<c>POD_NAME</c>), else the machine's name.</summary>
    public string PodName { get; init; } = Dns.GetHostName();

    /// <summary>Whether <c>POD_NAME</c> is given: then the process counts as that pod, wherever it runs.</summary>
    public bool IsPod { get; init; }

    /// <summary>Its namespace (<c>POD_NAMESPACE</c>).</summary>
    public string PodNamespace { get; init; } = "default";
}
