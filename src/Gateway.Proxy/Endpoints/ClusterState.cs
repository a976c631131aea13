using System.Runtime.InteropServices;
using Gateway.Configuration.Model;

namespace Gateway.Proxy.Endpoints;

/// <summary>
/// What routes hold on to for a service port: it stays the same object while endpoints come and go, and before the
/// first one has come.
/// </summary>
internal sealed class ClusterState(ServicePortKey key)
{
    private volatile Cluster _cluster = Cluster.Empty;

    // Replicas that started together must not send their first requests to the same endpoint.
    private uint _turn = (uint)Random.Shared.NextInt64(1L << 32);

    public ServicePortKey Key { get; } = key;

    /// <summary>The endpoints as they are now; a request reads it once.</summary>
    public Cluster Cluster => _cluster;

    /// <summary>The next number of the round robin; wraps around.</summary>
    public uint NextTurn() => Interlocked.Increment(ref _turn);

    /// <summary>Replaces the endpoints; those whose address and pod stay are kept as objects. Writer only.</summary>
    public void Publish(ReadOnlySpan<EndpointAddress> addresses)
    {
        Dictionary<(string, int, string?), Endpoint> known = [];
        foreach (var endpoint in (ReadOnlySpan<Endpoint>)[.. _cluster.Ready, .. _cluster.Draining])
            known[(endpoint.Host, endpoint.Port, endpoint.Pod)] = endpoint;

        List<Endpoint> ready = [], draining = [];
        foreach (var address in addresses)
        {
            ref var endpoint = ref CollectionsMarshal.GetValueRefOrAddDefault(known, (address.Host, address.Port, address.Pod), out _);
            endpoint ??= new Endpoint(address);
            (address.Condition == EndpointCondition.Ready ? ready : draining).Add(endpoint);
        }
        _cluster = new Cluster([.. ready], [.. draining]);
        foreach (var gone in known.Values.Except([.. ready, .. draining]))
            gone.Retire();
    }

    /// <summary>The service port is gone; requests that know it may go on. Writer only.</summary>
    public void Retire()
    {
        foreach (var endpoint in (ReadOnlySpan<Endpoint>)[.. _cluster.Ready, .. _cluster.Draining])
            endpoint.Retire();
    }
}
