using Gateway.Configuration.Model;
using Gateway.Proxy.Endpoints;

namespace Gateway.Proxy.Routing;

/// <summary>A backend and the endpoints behind it.</summary>
internal sealed record CompiledBackend(Backend Backend, ClusterState Cluster);
