using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Informers;

/// <summary>What an informer follows.</summary>
/// <param name="Resource">The collection.</param>
/// <param name="Namespace">The only namespace; null: all.</param>
internal sealed record InformerTarget(ApiResource Resource, string? Namespace)
{
    /// <summary>What diagnostics and metrics call it: the kind, where nothing else is followed of the same kind.</summary>
    public string Name { get; init; } = Resource.Kind;

    /// <summary>A <c>fieldSelector</c> or <c>labelSelector</c> as it stands in a query; empty: none.</summary>
    public string Selector { get; init; } = "";

    /// <summary>Whether the server need not send more than the metadata.</summary>
    public bool MetadataOnly { get; init; }

    /// <summary>What the gateway does when RBAC forbids this: ends a sentence that begins "…, so".</summary>
    public required string WhenForbidden { get; init; }

    /// <summary>Whether the gateway must not begin to serve without this.</summary>
    public bool IsIndispensable { get; init; }
}
