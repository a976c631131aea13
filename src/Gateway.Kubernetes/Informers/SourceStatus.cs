namespace Gateway.Kubernetes.Informers;

/// <summary>How the gateway's knowledge of the cluster stands. May be read from any thread.</summary>
/// <param name="Server">The API server's address.</param>
/// <param name="Kinds">Each kind that is watched.</param>
public sealed record SourceStatus(Uri Server, IReadOnlyList<KindStatus> Kinds)
{
    /// <summary>
    /// When the API server was last heard of about the kind of which it was heard of the longest ago, without kinds that
    /// it refuses to tell of. How long that is ago is the age of the state; more than two minutes means that something is wrong.
    /// </summary>
    public DateTimeOffset LastContact =>
        Kinds.Where(kind => !kind.Forbidden).Select(kind => kind.LastContact).DefaultIfEmpty(DateTimeOffset.MinValue).Min();

    /// <summary>Whether every kind that the API server may tell of has been listed.</summary>
    public bool Synced => Kinds.All(kind => kind.Synced || kind.Forbidden);
}
