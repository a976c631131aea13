using System.Text.Json;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Status;

/// <summary>
/// What the status of an Ingress was when it was last seen. Kept apart from <see cref="IngressResource"/>, so that a
/// status that changes is no change of what is served.
/// </summary>
/// <param name="Uid"><c>metadata.uid</c>.</param>
/// <param name="ResourceVersion"><c>metadata.resourceVersion</c>.</param>
/// <param name="Addresses"><c>status.loadBalancer.ingress</c>, by <see cref="LoadBalancerAddress.Ordered"/>.</param>
public sealed record IngressStatus(string Uid, string ResourceVersion, EquatableArray<LoadBalancerAddress> Addresses)
{
    /// <summary>Reads an Ingress.</summary>
    internal static IngressStatus Read(JsonElement ingress) =>
        new(ingress.Text("metadata", "uid") ?? "", ingress.Text("metadata", "resourceVersion") ?? "", LoadBalancerAddress.Read(ingress));

    /// <summary>
    /// Whether this is an earlier state of the same object than <paramref name="other"/>: resource versions are to be
    /// compared as numbers (Kubernetes API concepts, "Resource versions"; guaranteed from 1.35 on, true before).
    /// </summary>
    internal bool IsBefore(IngressStatus other) =>
        Uid == other.Uid && ulong.TryParse(ResourceVersion, out var mine) && ulong.TryParse(other.ResourceVersion, out var others) && mine < others;
}
