using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Status;

namespace Gateway.Kubernetes.Objects;

/// <summary><c>networking.k8s.io/v1</c> Ingress.</summary>
internal sealed record IngressJson : ResourceJson
{
    public IngressSpec? Spec { get; init; }

    public StatusPart? Status { get; init; }

    public override Resource ToResource(ObjectName name) => new IngressResource(name)
    {
        CreatedAt = Metadata?.CreationTimestamp,
        Annotations = Metadata?.Annotations ?? Annotations.Empty,
        ClassName = Spec?.IngressClassName,
        DefaultBackend = Spec?.DefaultBackend?.ToBackend(),
        Rules = Map(Spec?.Rules, rule => new IngressRule(rule.Host ?? "", Map(rule.Http?.Paths, path => path.ToPath()))),
        Tls = Map(Spec?.Tls, tls => tls.ToTls()),
    };

    /// <summary>What the status says; apart from what is served.</summary>
    public IngressStatus ToStatus() => new(
        Metadata?.Uid ?? "", Metadata?.ResourceVersion ?? "",
        Status?.LoadBalancer?.Ingress is { Length: > 0 } entries ? LoadBalancerAddress.Ordered(entries.Select(entry => entry?.Hostname ?? entry?.Ip ?? "")) : []);

    internal sealed record IngressSpec(string? IngressClassName, Backend? DefaultBackend, Rule?[]? Rules, TlsEntry?[]? Tls);

    internal sealed record StatusPart(LoadBalancerStatus? LoadBalancer);

    internal sealed record LoadBalancerStatus(LoadBalancerEntry?[]? Ingress);

    internal sealed record LoadBalancerEntry(string? Ip, string? Hostname);

    internal sealed record Rule(string? Host, HttpRule? Http);

    internal sealed record HttpRule(HttpPath?[]? Paths);

    internal sealed record HttpPath(string? Path, string? PathType, Backend? Backend)
    {
        public IngressPath ToPath() => new(
            Path ?? "",
            PathType switch
            {
                "Exact" => IngressPathType.Exact,
                "Prefix" => IngressPathType.Prefix,
                _ => IngressPathType.ImplementationSpecific,
            },
            Backend?.ToBackend() ?? new IngressBackend(null, default));
    }

    internal sealed record Backend(ServiceBackend? Service, ResourceReference? Resource)
    {
        public IngressBackend ToBackend() => Service is not null
            ? new IngressBackend(Service.Name, Service.Port?.ToPort() ?? default)
            : new IngressBackend(null, default, Resource is null ? null : $"{Resource.Kind}/{Resource.Name}");
    }

    internal sealed record ServiceBackend(string? Name, BackendPort? Port);

    internal sealed record BackendPort(int? Number, string? Name)
    {
        public PortReference ToPort() => new(Number ?? 0, string.IsNullOrEmpty(Name) ? null : Name);
    }

    internal sealed record ResourceReference(string? Kind, string? Name);

    internal sealed record TlsEntry(string?[]? Hosts, string? SecretName)
    {
        public IngressTls ToTls() => new(Map(Hosts, host => host, host => host.Length > 0), string.IsNullOrEmpty(SecretName) ? null : SecretName);
    }
}

/// <summary><c>networking.k8s.io/v1</c> IngressClass.</summary>
internal sealed record IngressClassJson : ResourceJson
{
    public ClassSpec? Spec { get; init; }

    public override Resource ToResource(ObjectName name) =>
        new IngressClassResource(name, Spec?.Controller ?? "", Metadata?.Annotations?[Annotations.IsDefaultClass] == "true");

    internal sealed record ClassSpec(string? Controller);
}
