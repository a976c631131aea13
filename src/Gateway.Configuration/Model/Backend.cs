using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Model;

/// <summary>A weighted reference to a service port.</summary>
/// <param name="Service">The service port.</param>
/// <param name="Weight">Share among the route's backends; 0 takes nothing.</param>
/// <param name="Protocol">What its endpoints speak.</param>
public sealed record Backend(ServicePortKey Service, int Weight = 1, BackendProtocol Protocol = BackendProtocol.Http)
{
    /// <summary>Whether this is <c>--default-backend-service</c>: while it has no endpoint, the answer is 404 as if there were none, not 503.</summary>
    public bool IsDefault { get; init; }
}

/// <summary>One port of one Service: what endpoints are gathered under.</summary>
/// <param name="Service">Namespace and name.</param>
/// <param name="Port">The Service's port by number where the Service is known, else as the route writes it (and then there are no endpoints).</param>
public readonly record struct ServicePortKey(ObjectName Service, PortReference Port)
{
    /// <summary><c>namespace/name:port</c>.</summary>
    public override string ToString() => $"{Service}:{Port}";
}

/// <summary>What the endpoints of a backend speak.</summary>
public enum BackendProtocol
{
    /// <summary>HTTP/1.1 in clear.</summary>
    Http,

    /// <summary>HTTP/1.1 over TLS; the certificate is not verified (ingress-nginx's <c>proxy-ssl-verify: off</c>).</summary>
    Https,

    /// <summary>HTTP/2 with prior knowledge, in clear (h2c): <c>kubernetes.io/h2c</c>, <c>GRPC</c>.</summary>
    Http2,

    /// <summary>HTTP/2 over TLS: <c>GRPCS</c>; the certificate is not verified.</summary>
    Http2Tls,
}

/// <summary>The endpoints of one service port.</summary>
/// <param name="Key">The service port.</param>
/// <param name="Addresses">Distinct, in a stable order.</param>
public sealed record ServiceEndpoints(ServicePortKey Key, EquatableArray<EndpointAddress> Addresses);

/// <summary>One address of a service port.</summary>
/// <param name="Host">An IP address, or a DNS name (ExternalName) that is resolved when dialled.</param>
/// <param name="Port">1–65535.</param>
/// <param name="Condition">Whether it takes requests.</param>
/// <param name="Pod">The pod's name, where known.</param>
/// <param name="Zone">The pod's zone, where known.</param>
public sealed record EndpointAddress(
    string Host, int Port, EndpointCondition Condition = EndpointCondition.Ready, string? Pod = null, string? Zone = null);

/// <summary>Whether an endpoint takes requests.</summary>
public enum EndpointCondition
{
    /// <summary>It does.</summary>
    Ready,

    /// <summary>It is terminating but still serves: used only while the service port has no ready endpoint.</summary>
    Draining,
}
