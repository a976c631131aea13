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
    /// <param name="written">What was last written when its status was ours; null: it never was.</param>
    public EquatableArray<LoadBalancerAddress>? Desired(
        IngressStatus status, ServedIngress? served, EquatableArray<LoadBalancerAddress> published, EquatableArray<LoadBalancerAddress>? written)
    {
        if (IsOurs(served))
            return published.Count > 0 ? published : null;
        // Only what is still as we left it: another controller may have taken the Ingress over.
        return served is null && options.RemoveWhenNotServed && written is { Count: > 0 } && status.Addresses == written ? [] : null;
    }
}
