using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Status;

namespace Gateway.Kubernetes.Objects;

/// <summary>An Ingress in two parts: a change of its status is no change of what is served.</summary>
internal sealed record ObservedIngress(IngressResource Resource, IngressStatus Status);
