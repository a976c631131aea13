using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Api;

/// <summary>A collection of the API.</summary>
/// <param name="Kind">What one of its objects is called: <c>Ingress</c>.</param>
/// <param name="Group">Its API group; empty for the core group.</param>
/// <param name="Plural">Its name in paths and in RBAC rules: <c>ingresses</c>.</param>
/// <param name="IsNamespaced">Whether its objects live in namespaces.</param>
internal sealed record ApiResource(string Kind, string Group, string Plural, bool IsNamespaced = true)
{
    public static readonly ApiResource Ingresses = new("Ingress", "networking.k8s.io", "ingresses");
    public static readonly ApiResource IngressClasses = new("IngressClass", "networking.k8s.io", "ingressclasses", IsNamespaced: false);
    public static readonly ApiResource Services = new("Service", "", "services");
    public static readonly ApiResource EndpointSlices = new("EndpointSlice", "discovery.k8s.io", "endpointslices");
    public static readonly ApiResource Secrets = new("Secret", "", "secrets");
    public static readonly ApiResource ConfigMaps = new("ConfigMap", "", "configmaps");
    public static readonly ApiResource Namespaces = new("Namespace", "", "namespaces", IsNamespaced: false);
    public static readonly ApiResource Pods = new("Pod", "", "pods");
    public static readonly ApiResource Nodes = new("Node", "", "nodes", IsNamespaced: false);
    public static readonly ApiResource Leases = new("Lease", "coordination.k8s.io", "leases");
    public static readonly ApiResource Events = new("Event", "events.k8s.io", "events");
    public static readonly ApiResource ValidatingWebhookConfigurations =
        new("ValidatingWebhookConfiguration", "admissionregistration.k8s.io", "validatingwebhookconfigurations", IsNamespaced: false);

    /// <summary><c>apiVersion</c> of its objects; the gateway uses version 1 of everything.</summary>
    public string ApiVersion => Group.Length == 0 ? "v1" : $"{Group}/v1";

    /// <summary>The collection of a kind.</summary>
    public static ApiResource Of(ResourceKind kind) => kind switch
    {
        ResourceKind.Ingress => Ingresses,
        ResourceKind.IngressClass => IngressClasses,
        ResourceKind.Service => Services,
        ResourceKind.EndpointSlice => EndpointSlices,
        ResourceKind.Secret => Secrets,
        ResourceKind.ConfigMap => ConfigMaps,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The path of the collection, in one namespace or (null) in all.</summary>
    public string PathIn(string? inNamespace)
    {
        var root = Group.Length == 0 ? "/api/v1" : $"/apis/{Group}/v1";
        return inNamespace is null || !IsNamespaced ? $"{root}/{Plural}" : $"{root}/namespaces/{Uri.EscapeDataString(inNamespace)}/{Plural}";
    }

    /// <summary>The path of one object.</summary>
    public string PathOf(string inNamespace, string name) => $"{PathIn(inNamespace)}/{Uri.EscapeDataString(name)}";

    /// <summary>The path of one object.</summary>
    public string PathOf(ObjectName name) => PathOf(name.Namespace, name.Name);

    /// <summary>As RBAC messages write it: <c>ingresses.networking.k8s.io</c>.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}
