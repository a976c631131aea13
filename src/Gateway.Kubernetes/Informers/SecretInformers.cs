using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Informers;

/// <summary>Follows the Secrets of one namespace, or of all: certificates whole, of all others no more than that they are there.</summary>
internal sealed class SecretInformers
{
    // Certificates come by a watch of their own; releases of Helm are many, large, and nothing that an Ingress can use.
    private const string CertificateSelector = "fieldSelector=type%3Dkubernetes.io%2Ftls";
    private const string OtherSelector = "fieldSelector=type%21%3Dkubernetes.io%2Ftls%2Ctype%21%3Dhelm.sh%2Frelease.v1";

    private readonly Informer<Resource> _certificates;
    private readonly Informer<string> _others;

    /// <param name="inNamespace">The namespace; null: all.</param>
    /// <param name="suffix">Tells it apart where there are several: goes to the end of its names.</param>
    /// <param name="table">Takes what is learnt.</param>
    /// <param name="context">What all informers share.</param>
    public SecretInformers(string? inNamespace, string suffix, SecretTable table, InformerContext context)
    {
        _certificates = new Informer<Resource>(
            new InformerTarget(ApiResource.Secrets, inNamespace)
            {
                Name = "Secret" + suffix,
                Selector = CertificateSelector,
                WhenForbidden = "no certificate of a Secret can be served: HTTPS is answered with the gateway's own",
            },
            json => context.Reader.ReadResource(ResourceKind.Secret, json), table.Certificates, context);
        _others = new Informer<string>(
            new InformerTarget(ApiResource.Secrets, inNamespace)
            {
                Name = "OtherSecret" + suffix,
                Selector = OtherSelector,
                MetadataOnly = true,
                WhenForbidden = "certificates in Secrets of other types than kubernetes.io/tls are not served",
            },
            context.Reader.ReadVersion, table.Others, context);
    }

    /// <summary>How things stand.</summary>
    public IEnumerable<KindStatus> Statuses => [_certificates.Status, _others.Status];

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(_certificates.RunAsync(cancellation), RunOthersAsync(cancellation));

    /// <summary>Ends when all have been listed once, or the server has said that they may not be.</summary>
    public async Task SettledAsync(CancellationToken cancellation)
    {
        await _certificates.Settled.WaitAsync(cancellation);
        if (_certificates.Listed.IsCompleted)
            await _others.Settled.WaitAsync(cancellation);
        else
            _others.Status.Forbidden = true;
    }

    /// <summary>Begins when Secrets may be read at all, so that a missing right is reported once.</summary>
    private async Task RunOthersAsync(CancellationToken cancellation)
    {
        await _certificates.Listed.WaitAsync(cancellation);
        await _others.RunAsync(cancellation);
    }
}
