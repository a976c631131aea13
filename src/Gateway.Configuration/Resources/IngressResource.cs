namespace Gateway.Configuration.Resources;

/// <summary>An Ingress (<c>networking.k8s.io/v1</c>).</summary>
public sealed record IngressResource(ObjectName Name) : Resource(Name)
{
    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.Ingress;

    /// <summary><c>metadata.creationTimestamp</c>: the older Ingress wins a conflict. Null (a manifest that was never applied) counts as oldest.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The annotations that can mean something to the gateway.</summary>
    public Annotations Annotations { get; init; } = Annotations.Empty;

    /// <summary><c>spec.ingressClassName</c>.</summary>
    public string? ClassName { get; init; }

    /// <summary><c>spec.defaultBackend</c>.</summary>
    public IngressBackend? DefaultBackend { get; init; }

    /// <summary><c>spec.rules</c>.</summary>
    public EquatableArray<IngressRule> Rules { get; init; }

    /// <summary><c>spec.tls</c>.</summary>
    public EquatableArray<IngressTls> Tls { get; init; }
}

/// <summary>One of <c>spec.rules</c>.</summary>
/// <param name="Host">Exact (<c>foo.com</c>) or wildcard (<c>*.foo.com</c>); empty: every host that no rule names.</param>
/// <param name="Paths"><c>http.paths</c>; empty when the rule has no <c>http</c>.</param>
public sealed record IngressRule(string Host, EquatableArray<IngressPath> Paths);

/// <summary>One of <c>spec.rules[].http.paths</c>.</summary>
/// <param name="Path">As written; empty means <c>/</c>.</param>
/// <param name="Type"><c>pathType</c>.</param>
/// <param name="Backend">Where the path leads.</param>
public sealed record IngressPath(string Path, IngressPathType Type, IngressBackend Backend);

/// <summary>How <see cref="IngressPath.Path"/> is compared with a request's path.</summary>
public enum IngressPathType
{
    /// <summary>Left to the controller; here the same as <see cref="Prefix"/>, as in ingress-nginx.</summary>
    ImplementationSpecific,

    /// <summary>The whole path, case-sensitive.</summary>
    Exact,

    /// <summary>Element-wise: <c>/foo</c> takes <c>/foo</c>, <c>/foo/</c> and <c>/foo/bar</c>, never <c>/foobar</c>.</summary>
    Prefix,
}

/// <summary>An <c>IngressBackend</c>: a port of a Service, or a <c>resource</c> (which the gateway does not serve).</summary>
/// <param name="Service"><c>service.name</c>, in the Ingress's own namespace; null for a resource backend.</param>
/// <param name="Port"><c>service.port</c>.</param>
/// <param name="Resource"><c>kind/name</c> of a <c>resource</c> backend, else null.</param>
public sealed record IngressBackend(string? Service, PortReference Port, string? Resource = null);

/// <summary>One of <c>spec.tls</c>.</summary>
/// <param name="Hosts">The host names that the certificate is for.</param>
/// <param name="SecretName">A Secret of the Ingress's own namespace; null: the default certificate.</param>
public sealed record IngressTls(EquatableArray<string> Hosts, string? SecretName);

/// <summary>An IngressClass (<c>networking.k8s.io/v1</c>).</summary>
/// <param name="Name">Its name; the namespace is empty.</param>
/// <param name="Controller"><c>spec.controller</c>.</param>
/// <param name="IsDefault">Whether it carries the <c>is-default-class</c> annotation.</param>
public sealed record IngressClassResource(ObjectName Name, string Controller, bool IsDefault) : Resource(Name)
{
    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.IngressClass;
}
