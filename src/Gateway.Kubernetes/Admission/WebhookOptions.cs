using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Admission;

/// <summary>The validating webhook's certificate: where it lies and who is told to trust it.</summary>
/// <param name="Secret">The Secret that holds it, in the gateway's own namespace (<c>--validating-webhook-secret</c>).</param>
/// <param name="Configuration">The ValidatingWebhookConfiguration that names the webhook's Services and whose <c>caBundle</c> is kept right (<c>--validating-webhook-configuration</c>).</param>
public sealed record WebhookOptions(ObjectName Secret, string Configuration);
