namespace Gateway.Kubernetes.Status;

/// <summary>Whose status is written, and how often.</summary>
public sealed record StatusOptions
{
    /// <summary>ingress-nginx's controller name: Ingresses of its classes are served, but their status is its own until it is taken over.</summary>
    public const string NginxController = "k8s.io/ingress-nginx";

    /// <summary>The class that ingress-nginx takes for its own also without an IngressClass object.</summary>
    public const string NginxClass = "nginx";

    /// <summary><c>--take-over</c>: write the status of ingress-nginx's Ingresses too.</summary>
    public bool TakeOver { get; init; }

    /// <summary><c>--update-status-on-shutdown</c>: remove our addresses from Ingresses that are no longer served.</summary>
    public bool RemoveWhenNotServed { get; init; } = true;

    /// <summary>Writes a second in the long run.</summary>
    public double WritesPerSecond { get; init; } = 20;

    /// <summary>Writes at once after a rest.</summary>
    public int Burst { get; init; } = 50;
}
