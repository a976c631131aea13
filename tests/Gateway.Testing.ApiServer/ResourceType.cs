namespace Gateway.Testing.ApiServer;

/// <summary>A kind that the server knows. <paramref name="Shell"/> is what a bookmark of the kind carries besides metadata.</summary>
internal sealed record ResourceType(string Group, string Kind, string Plural, bool Namespaced, string Shell = "", params string[] Fields)
{
    private const string LoadBalancerShell = ""","spec":{},"status":{"loadBalancer":{}}""";

    public static readonly ResourceType Namespace = new("", "Namespace", "namespaces", false, ""","spec":{},"status":{}""", "status.phase");
    public static readonly ResourceType IngressClass = new("networking.k8s.io", "IngressClass", "ingressclasses", false, ""","spec":{}""") { HasGeneration = true };
    public static readonly ResourceType ServiceAccount = new("", "ServiceAccount", "serviceaccounts", true);
    public static readonly ResourceType Role = Rbac("Role", "roles", true);
    public static readonly ResourceType RoleBinding = Rbac("RoleBinding", "rolebindings", true);
    public static readonly ResourceType ClusterRole = Rbac("ClusterRole", "clusterroles", false);
    public static readonly ResourceType ClusterRoleBinding = Rbac("ClusterRoleBinding", "clusterrolebindings", false);

    public static readonly ResourceType[] All =
    [
        Namespace, IngressClass, ServiceAccount, Role, RoleBinding, ClusterRole, ClusterRoleBinding,
        new("networking.k8s.io", "Ingress", "ingresses", true, LoadBalancerShell) { HasGeneration = true, HasStatus = true },
        new("", "Service", "services", true, LoadBalancerShell, "spec.type", "spec.clusterIP") { HasStatus = true },
        new("discovery.k8s.io", "EndpointSlice", "endpointslices", true, ""","addressType":"","endpoints":null,"ports":null""") { HasGeneration = true },
        new("", "Secret", "secrets", true, "", "type"),
        new("", "ConfigMap", "configmaps", true),
        new("", "Pod", "pods", true, ""","spec":{"containers":null},"status":{}""", "spec.nodeName", "status.phase") { HasStatus = true },
        new("", "Node", "nodes", false, ""","spec":{},"status":{}""") { HasStatus = true },
        new("coordination.k8s.io", "Lease", "leases", true, ""","spec":{}"""),
        new("events.k8s.io", "Event", "events", true, "", "regarding.kind", "regarding.name", "reason", "type"),
        new("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false) { HasGeneration = true },
    ];

    /// <summary>metadata.generation is kept.</summary>
    public bool HasGeneration { get; private init; }

    /// <summary>status is written through /status only.</summary>
    public bool HasStatus { get; private init; }

    public string ApiVersion => Group.Length == 0 ? "v1" : $"{Group}/v1";

    /// <summary>ingresses.networking.k8s.io, or secrets for the core group.</summary>
    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public static ResourceType OfKind(string? kind) => All.FirstOrDefault(type => type.Kind == kind)
        ?? throw new ArgumentException($"kind {kind} is not served; served are {string.Join(", ", All.Select(type => type.Kind))}", nameof(kind));

    /// <summary>The object's key: etcd's order is that of namespace/name.</summary>
    public string Key(string? ns, string name) => Namespaced ? $"{ns}/{name}" : name;

    private static ResourceType Rbac(string kind, string plural, bool namespaced) => new("rbac.authorization.k8s.io", kind, plural, namespaced);
}
