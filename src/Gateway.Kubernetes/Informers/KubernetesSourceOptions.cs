using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Informers;

/// <summary>What of a cluster is read; fixed for the life of the process.</summary>
public sealed record KubernetesSourceOptions
{
    /// <summary><c>--watch-namespace</c>: the only namespace that is read; null: all. With it, no right is needed on the whole cluster but to read IngressClasses.</summary>
    public string? WatchNamespace { get; init; }

    /// <summary><c>--watch-namespace-selector</c>: Ingresses count only in namespaces whose labels it matches, in the form of a <c>labelSelector</c>; null: in all.</summary>
    public string? NamespaceSelector { get; init; }

    /// <summary><c>--secret-namespaces</c>: the namespaces whose Secrets are read; empty: those whose Ingresses are.</summary>
    public EquatableArray<string> SecretNamespaces { get; init; }

    /// <summary>
    /// What becomes of what is read: Ingresses that cannot be served by it are not held; its ConfigMap is the only one that
    /// is read, and its default certificate is needed though no Ingress names it.
    /// </summary>
    public TranslationOptions Translation { get; init; } = new();

    /// <summary><c>--resync-period</c>: how often what is known is compared with a full list; zero: never.</summary>
    public TimeSpan ResyncPeriod { get; init; } = TimeSpan.FromMinutes(30);
}
