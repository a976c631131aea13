namespace Gateway.Kubernetes.Informers;

/// <summary>How the gateway's knowledge of the cluster stands. May be read from any thread.</summary>
/// <param name="Server">The API server's address.</param>
/// <param name="Kinds">Each kind that is watched.</param>
public sealed record SourceStatus(Uri Server, IReadOnlyList<KindStatus> Kinds)
{
    /// <summary>
    /// How old the state may be: the age of the kind whose state the API server confirmed the longest ago, without kinds
    /// that RBAC forbids; the longest there is if it forbids all. More than two minutes means that something is wrong.
    /// </summary>
    public TimeSpan Age => Kinds.Where(kind => !kind.Forbidden).Select(kind => kind.Age).DefaultIfEmpty(TimeSpan.MaxValue).Max();

    /// <summary>Whether every kind that the API server may tell of has been listed.</summary>
    public bool Synced => Kinds.All(kind => kind.Synced || kind.Forbidden);
}
