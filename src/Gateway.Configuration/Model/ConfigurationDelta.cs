using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Model;

/// <summary>
/// What one batch of changes makes different: only that is recompiled and published. Endpoints are published before
/// the routes that name them, and taken away after; so a new route goes from 404 to 200 with nothing in between.
/// </summary>
public sealed record ConfigurationDelta
{
    /// <summary>The whole-gateway settings as they are now.</summary>
    public required GatewaySettings Settings { get; init; }

    /// <summary>Where requests go that match no route; null: they get 404.</summary>
    public Route? DefaultRoute { get; init; }

    /// <summary>The certificate for names that have none; null: the gateway makes its own.</summary>
    public TlsCertificate? DefaultCertificate { get; init; }

    /// <summary>Hosts that are new or changed.</summary>
    public IReadOnlyList<HostRoutes> Hosts { get; init; } = [];

    /// <summary>Hosts that are no longer served.</summary>
    public IReadOnlyList<string> RemovedHosts { get; init; } = [];

    /// <summary>Service ports that are new or whose endpoints changed.</summary>
    public IReadOnlyList<ServiceEndpoints> Endpoints { get; init; } = [];

    /// <summary>Service ports that no route names any more.</summary>
    public IReadOnlyList<ServicePortKey> RemovedServices { get; init; } = [];

    /// <summary>Host certificates that are new or changed.</summary>
    public IReadOnlyList<HostCertificate> Certificates { get; init; } = [];

    /// <summary>Hosts that have no certificate entry any more.</summary>
    public IReadOnlyList<string> RemovedCertificates { get; init; } = [];

    /// <summary>Ingresses that came to be served, or are so by another class than before. Not for the data plane: status and Events.</summary>
    public IReadOnlyList<ServedIngress> Ingresses { get; init; } = [];

    /// <summary>Ingresses that are no longer served.</summary>
    public IReadOnlyList<ObjectName> RemovedIngresses { get; init; } = [];
}
