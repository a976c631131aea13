using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Admission;

/// <summary>The validating webhook's certificate: where it lies and who is told to trust it.</summary>
/// <param name="Secret">The Secret that holds it, in the gateway's own namespace (<c>--validating-webhook-secret</c>).</param>
/// <param name="Service">The Service by which the API server reaches the webhook, in the same namespace: the name in the certificate.</param>
/// <param name="Configuration">The ValidatingWebhookConfiguration whose <c>caBundle</c> is kept right (<c>--validating-webhook-configuration</c>).</param>
public sealed record WebhookOptions(ObjectName Secret, string Service, string Configuration)
{
    /// <summary>The names that the certificate must be good for; the API server asks for the first (<c>service.namespace.svc</c>).</summary>
    internal IReadOnlyList<string> DnsNames => [$"{Service}.{Secret.Namespace}.svc", $"{Service}.{Secret.Namespace}.svc.cluster.local"];
}
