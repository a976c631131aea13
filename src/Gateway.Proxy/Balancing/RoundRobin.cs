using Gateway.Proxy.Endpoints;

namespace Gateway.Proxy.Balancing;

/// <summary>Takes the endpoints in turn.</summary>
internal static class RoundRobin
{
    /// <summary>
    /// The endpoint for the next try of a request, noted in <paramref name="tried"/>: the next in turn that was not
    /// tried yet or, once all were, the next in turn. Null when the cluster has none, or no further try is allowed.
    /// </summary>
    public static Endpoint? Choose(ClusterState state, ref TriedEndpoints tried)
    {
        var endpoints = state.Cluster.Usable;
        if (endpoints.IsEmpty || tried.Exhausted)
            return null;

        var turn = (int)(state.NextTurn() % (uint)endpoints.Length);
        var chosen = endpoints[turn];
        for (var step = 1; tried.Contains(chosen) && step < endpoints.Length; step++)
            chosen = endpoints[(turn + step) % endpoints.Length];
        if (tried.Contains(chosen))
            chosen = endpoints[turn];
        tried.Add(chosen);
        return chosen;
    }
}
