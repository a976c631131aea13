using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Status;

/// <summary>Whose status is ours to write, and what it should say.</summary>
internal sealed class StatusPolicy(StatusOptions options)
{
    /// <summary>Whether the status of an Ingress that is served so is ours to write; null: it is not served.</summary>
    public bool IsOurs(ServedIngress? served) =>
        served is not null && (options.TakeOver
            || (served.Controller is { } controller ? controller != StatusOptions.NginxController : served.Class != StatusOptions.NginxClass));

    /// <summary>The addresses that an Ingress should have; null: whatever it has is to stay.</summary>
    /// <param name="status">What it has.</param>
    /// <param name="served">How it is served; null: not at all.</param>
    /// <param name="published">The gateway's addresses; empty: not known.</param>
    /// <param name="written">What was last written while it was served and its status was ours; null: it never was.</param>
    public EquatableArray<LoadBalancerAddress>? Desired(
        IngressStatus status, ServedIngress? served, EquatableArray<LoadBalancerAddress> published, EquatableArray<LoadBalancerAddress>? written)
    {
        if (IsOurs(served))
            return published.Count > 0 ? published : null;
        return served is null && options.RemoveWhenNotServed ? Without(status, written ?? []) : null;
    }

    /// <summary>What another controller has beside <paramref name="ours"/>, which stays its own; null: none of ours is there.</summary>
    public static EquatableArray<LoadBalancerAddress>? Without(IngressStatus status, EquatableArray<LoadBalancerAddress> ours) =>
        status.Addresses.Any(ours.Contains) ? status.Addresses.Where(address => !ours.Contains(address)).ToEquatableArray() : null;
}
