using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Api;

/// <summary>Where the objects of the kinds that the gateway reads are in the API.</summary>
internal static class ApiPaths
{
    /// <summary><c>apiVersion</c> of a kind.</summary>
    public static string VersionOf(ResourceKind kind) => kind switch
    {
        ResourceKind.Ingress or ResourceKind.IngressClass => "networking.k8s.io/v1",
        ResourceKind.EndpointSlice => "discovery.k8s.io/v1",
        _ => "v1",
    };

    /// <summary>The path of one object.</summary>
    public static string Of(ResourceKey key)
    {
        var version = VersionOf(key.Kind);
        var scope = key.Name.Namespace is { Length: > 0 } ns ? $"/namespaces/{ns}" : "";
        return $"{(version == "v1" ? "/api" : "/apis")}/{version}{scope}/{PluralOf(key.Kind)}/{key.Name.Name}";
    }

    private static string PluralOf(ResourceKind kind) => kind switch
    {
        ResourceKind.Ingress => "ingresses",
        ResourceKind.IngressClass => "ingressclasses",
        ResourceKind.Service => "services",
        ResourceKind.EndpointSlice => "endpointslices",
        ResourceKind.Secret => "secrets",
        ResourceKind.ConfigMap => "configmaps",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
