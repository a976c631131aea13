namespace Gateway.Proxy.Endpoints;

/// <summary>An immutable view of a service port's endpoints.</summary>
/// <param name="ready">Those that take requests.</param>
/// <param name="draining">Those that are terminating but still serve.</param>
internal sealed class Cluster(Endpoint[] ready, Endpoint[] draining)
{
    /// <summary>The one without endpoints.</summary>
    public static Cluster Empty { get; } = new([], []);

    /// <summary>The endpoints to choose from: the draining ones only while none is ready, as kube-proxy does (KEP-1669).</summary>
    public ReadOnlySpan<Endpoint> Usable => ready.Length > 0 ? ready : draining;

    public ReadOnlySpan<Endpoint> Ready => ready;

    public ReadOnlySpan<Endpoint> Draining => draining;
}
