namespace Gateway.Configuration.Resources;

/// <summary>The Kubernetes kinds that the gateway reads.</summary>
public enum ResourceKind
{
    /// <summary><c>networking.k8s.io/v1</c> Ingress.</summary>
    Ingress,

    /// <summary><c>networking.k8s.io/v1</c> IngressClass (cluster-scoped: its namespace is empty).</summary>
    IngressClass,

    /// <summary><c>v1</c> Service.</summary>
    Service,

    /// <summary><c>discovery.k8s.io/v1</c> EndpointSlice.</summary>
    EndpointSlice,

    /// <summary><c>v1</c> Secret.</summary>
    Secret,

    /// <summary><c>v1</c> ConfigMap.</summary>
    ConfigMap,
}

/// <summary>Namespace and name of an object. The namespace is empty for cluster-scoped kinds.</summary>
public readonly record struct ObjectName(string Namespace, string Name)
{
    /// <summary>Parses <c>namespace/name</c>, the form that ingress-nginx's flags and annotations take.</summary>
    public static bool TryParse(string? text, out ObjectName name)
    {
        name = default;
        if (text is null)
            return false;
        var slash = text.IndexOf('/');
        if (slash <= 0 || slash == text.Length - 1 || text.IndexOf('/', slash + 1) >= 0)
            return false;
        name = new ObjectName(text[..slash], text[(slash + 1)..]);
        return true;
    }

    /// <summary><c>namespace/name</c>, or the bare name of a cluster-scoped object.</summary>
    public override string ToString() => string.IsNullOrEmpty(Namespace) ? Name : $"{Namespace}/{Name}";
}

/// <summary>What identifies one object among all: kind, namespace and name.</summary>
public readonly record struct ResourceKey(ResourceKind Kind, ObjectName Name)
{
    /// <summary>For people: <c>Ingress shop/web</c>.</summary>
    public override string ToString() => $"{Kind} {Name}";
}
