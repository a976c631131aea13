using Gateway.Configuration.Model;

namespace Gateway.Proxy.Endpoints;

/// <summary>A service port at one moment, for the admin API.</summary>
/// <param name="Key">The service port.</param>
/// <param name="Endpoints">Its endpoints.</param>
public sealed record ClusterStatus(ServicePortKey Key, IReadOnlyList<EndpointStatus> Endpoints)
{
    internal static ClusterStatus Of(ClusterState state)
    {
        var cluster = state.Cluster;
        List<EndpointStatus> endpoints = [];
        foreach (var endpoint in cluster.Ready)
            endpoints.Add(EndpointStatus.Of(endpoint, EndpointCondition.Ready));
        foreach (var endpoint in cluster.Draining)
            endpoints.Add(EndpointStatus.Of(endpoint, EndpointCondition.Draining));
        return new ClusterStatus(state.Key, endpoints);
    }
}

/// <summary>An endpoint at one moment.</summary>
/// <param name="Address">Host and port.</param>
/// <param name="Condition">Whether it takes requests.</param>
/// <param name="InFlight">How many requests it is working on.</param>
/// <param name="Pod">The pod's name, where known.</param>
/// <param name="Zone">The pod's zone, where known.</param>
public sealed record EndpointStatus(string Address, EndpointCondition Condition, int InFlight, string? Pod, string? Zone)
{
    internal static EndpointStatus Of(Endpoint endpoint, EndpointCondition condition) =>
        new(endpoint.Authority, condition, endpoint.InFlight, endpoint.Pod, endpoint.Zone);
}
