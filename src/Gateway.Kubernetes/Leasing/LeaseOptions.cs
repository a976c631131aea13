using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Leasing;

/// <summary>Which Lease decides who leads, and how fast a lost leader is replaced.</summary>
/// <param name="Lease">Namespace and name (<c>--election-id</c>); never the one of an ingress-nginx beside.</param>
/// <param name="Identity">What the Lease names as its holder; no two processes that run at a time may share it, since both would lead.</param>
public sealed record LeaseOptions(ObjectName Lease, string Identity)
{
    /// <summary>How long a leader that is silent keeps the Lease; whole seconds.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the leader renews the Lease, and the others look at it.</summary>
    public TimeSpan RenewInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A leader that could not renew for so long stops leading, while nobody else may lead yet.</summary>
    internal TimeSpan RenewDeadline => Duration - RenewInterval;

    /// <summary>How long one call may take: half-open connections must cost neither the Lease nor the hand-over.</summary>
    internal TimeSpan CallTimeout => 2 * RenewInterval;
}
