namespace Gateway.Configuration.Resources;

/// <summary>A Service (<c>v1</c>).</summary>
public sealed record ServiceResource(ObjectName Name) : Resource(Name)
{
    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.Service;

    /// <summary><c>spec.externalName</c> of a Service of type ExternalName, else null.</summary>
    public string? ExternalName { get; init; }

    /// <summary><c>spec.externalIPs</c>: dialled only when a manifest folder holds no EndpointSlice for the Service.</summary>
    public EquatableArray<string> ExternalIps { get; init; }

    /// <summary><c>spec.ports</c>.</summary>
    public EquatableArray<ServicePort> Ports { get; init; }
}

/// <summary>One of a Service's <c>spec.ports</c>.</summary>
/// <param name="Name">Null when the only port has no name.</param>
/// <param name="Port">1–65535.</param>
/// <param name="TargetPort">The port on the pods, by number or by name; empty: the same as <paramref name="Port"/>.</param>
/// <param name="Protocol"><c>TCP</c> (the default), <c>UDP</c> or <c>SCTP</c>; HTTP needs TCP.</param>
/// <param name="AppProtocol">For example <c>kubernetes.io/h2c</c>.</param>
public sealed record ServicePort(string? Name, int Port, PortReference TargetPort, string Protocol = "TCP", string? AppProtocol = null);

/// <summary>An EndpointSlice (<c>discovery.k8s.io/v1</c>).</summary>
public sealed record EndpointSliceResource(ObjectName Name) : Resource(Name)
{
    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.EndpointSlice;

    /// <summary>The label <c>kubernetes.io/service-name</c>: a Service of the same namespace; null: the slice belongs to none.</summary>
    public string? Service { get; init; }

    /// <summary><c>addressType</c>: <c>IPv4</c>, <c>IPv6</c> or <c>FQDN</c>.</summary>
    public string AddressType { get; init; } = "IPv4";

    /// <summary><c>ports</c>.</summary>
    public EquatableArray<EndpointPort> Ports { get; init; }

    /// <summary><c>endpoints</c>.</summary>
    public EquatableArray<SliceEndpoint> Endpoints { get; init; }
}

/// <summary>One of a slice's <c>ports</c>; it belongs to the Service port of the same name.</summary>
/// <param name="Name">Null or empty for a Service with one unnamed port.</param>
/// <param name="Port">Null: all ports, which the gateway cannot dial.</param>
/// <param name="Protocol"><c>TCP</c>, <c>UDP</c> or <c>SCTP</c>.</param>
public sealed record EndpointPort(string? Name, int? Port, string Protocol = "TCP");

/// <summary>One of a slice's <c>endpoints</c>.</summary>
/// <param name="Addresses">At least one; all lead to the same pod, so the first is used.</param>
/// <param name="Ready"><c>conditions.ready</c>; not given means true.</param>
/// <param name="Serving"><c>conditions.serving</c>; not given means the same as ready.</param>
/// <param name="Terminating"><c>conditions.terminating</c>; not given means false.</param>
/// <param name="Pod"><c>targetRef.name</c>.</param>
/// <param name="Zone"><c>zone</c>.</param>
public sealed record SliceEndpoint(
    EquatableArray<string> Addresses, bool Ready = true, bool Serving = true, bool Terminating = false, string? Pod = null, string? Zone = null);
