using System.Collections.Concurrent;
using Gateway.Configuration.Model;

namespace Gateway.Proxy.Endpoints;

/// <summary>The endpoints of every service port that a route names. One writer; any number of readers.</summary>
internal sealed class EndpointTable
{
    private readonly ConcurrentDictionary<ServicePortKey, ClusterState> _clusters = new();

    /// <summary>All service ports, in no order.</summary>
    public IEnumerable<ClusterState> Clusters => _clusters.Values;

    /// <summary>The service port's state; made without endpoints when there is none yet, so that a route can hold it before they come.</summary>
    public ClusterState Get(ServicePortKey key) => _clusters.GetOrAdd(key, static key => new ClusterState(key));

    /// <summary>Replaces the endpoints of one service port.</summary>
    public void Publish(ServiceEndpoints endpoints) => Get(endpoints.Key).Publish(endpoints.Addresses.AsSpan());

    /// <summary>
    /// Forgets a service port. A request that chose its route before goes on with the endpoints that were there: that is
    /// as if it had come a moment earlier, and without them it would fail for no reason of its own.
    /// </summary>
    public void Remove(ServicePortKey key)
    {
        if (_clusters.TryRemove(key, out var cluster))
            cluster.Retire();
    }
}
