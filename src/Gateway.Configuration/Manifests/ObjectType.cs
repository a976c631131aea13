using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary><c>apiVersion</c> and <c>kind</c> of an object; empty where none is written.</summary>
internal readonly record struct ObjectType(string ApiVersion, string Kind)
{
    private const string ListSuffix = "List";

    private static readonly (ResourceKind Kind, string ApiVersion)[] Served =
    [
        (ResourceKind.Ingress, "networking.k8s.io/v1"),
        (ResourceKind.IngressClass, "networking.k8s.io/v1"),
        (ResourceKind.Service, "v1"),
        (ResourceKind.EndpointSlice, "discovery.k8s.io/v1"),
        (ResourceKind.Secret, "v1"),
        (ResourceKind.ConfigMap, "v1"),
    ];

    /// <summary>The kind of one of the gateway's resources, whatever the version; null for all others.</summary>
    public ResourceKind? Known
    {
        get
        {
            foreach (var (kind, _) in Served)
            {
                if (string.Equals(kind.ToString(), Kind, StringComparison.OrdinalIgnoreCase) && IsOfKubernetesItself)
                    return kind;
            }
            return null;
        }
    }

    /// <summary>What the items of a list are; null when this is no list.</summary>
    public ObjectType? ItemType => this switch
    {
        { Kind: ListSuffix } => new ObjectType("", ""),
        _ when Kind.EndsWith(ListSuffix, StringComparison.Ordinal) => this with { Kind = Kind[..^ListSuffix.Length] },
        _ => null,
    };

    // Other groups have kinds of the same names: Knative's Service, for one.
    private bool IsOfKubernetesItself =>
        !ApiVersion.Contains('/') || ApiVersion.Split('/')[0] is "networking.k8s.io" or "discovery.k8s.io" or "extensions" or "apps";

    private bool IsRetired => ApiVersion is "extensions/v1beta1" or "networking.k8s.io/v1beta1" or "discovery.k8s.io/v1beta1";

    /// <summary>Reads the type of an object, or takes that which its list gives.</summary>
    public static ObjectType Of(MappingNode node, ObjectType inherited)
    {
        var kind = node.TextOf("kind") ?? "";
        return kind.Length == 0 ? new ObjectType(inherited.ApiVersion ?? "", inherited.Kind ?? "") : new ObjectType(node.TextOf("apiVersion") ?? "", kind);
    }

    /// <summary>Reports why an object that looks like one of ours is none. False: it is one, or is not meant to be.</summary>
    public bool ReportMistake(Field root)
    {
        if (this is { ApiVersion: "v1", Kind: "Endpoints" })
        {
            root["kind"].Warn("Endpoints objects are not read", "Write an EndpointSlice of discovery.k8s.io/v1 with the label kubernetes.io/service-name");
            return true;
        }
        if (Known is not { } kind)
            return false;
        var version = Served.First(served => served.Kind == kind).ApiVersion;
        if (Kind != kind.ToString())
            root["kind"].Refuse("kinds are written with capital letters", $"Write {kind}");
        else if (ApiVersion.Length == 0)
            root["apiVersion"].Missing($"Write {version}");
        else if (IsRetired)
            root["apiVersion"].Warn("Kubernetes does not serve this version any more, and neither does the gateway", RewriteAs(kind, version));
        else if (ApiVersion != version)
            root["apiVersion"].Refuse($"there is no {kind} of this version", $"Write {version}");
        else
            return false;
        return true;
    }

    private static string RewriteAs(ResourceKind kind, string version) => kind == ResourceKind.Ingress
        ? $"Rewrite it as {version}: each path has a pathType, and the backend is service.name and service.port.number instead of serviceName and servicePort"
        : $"Rewrite it as {version}";
}
