using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Certificates;

/// <summary>Judges the <c>spec.tls</c> of Ingresses, and selects the certificate of a host as ingress-nginx does.</summary>
internal static class IngressCertificates
{
    private const string DefaultFlag = "--default-ssl-certificate";

    /// <summary>The certificate in the Secret that <c>--default-ssl-certificate</c> names; null: the gateway makes its own.</summary>
    public static TlsCertificate? Default(ObjectName? name, CertificateCache certificates, DateTimeOffset now, DiagnosticCollector diagnostics)
    {
        if (name is not { } named)
            return null;
        var reading = certificates.Find(named);
        if (reading.Certificate is null)
            diagnostics.Error(DefaultFlag, named.ToString(), $"{reading.Problem}: a self-signed certificate answers", reading.Remedy);
        else if (certificates.JudgeDates(reading.Certificate, now) is { } problem)
            diagnostics.Warning(DefaultFlag, named.ToString(), $"{problem}; it is served nevertheless", "Renew the certificate");
        return reading.Certificate;
    }

    /// <summary>Says what is wrong with the Secrets that an Ingress names: whether some host uses them or not.</summary>
    public static void Judge(IngressResource ingress, CertificateCache certificates, DateTimeOffset now, DiagnosticCollector diagnostics)
    {
        for (var i = 0; i < ingress.Tls.Count; i++)
        {
            if (ingress.Tls[i].SecretName is not { } secretName)
                continue;
            var field = $"spec.tls[{i}].secretName";
            var reading = certificates.Find(new ObjectName(ingress.Name.Namespace, secretName));
            if (reading.Certificate is not { } certificate)
            {
                diagnostics.Error(field, secretName, $"{reading.Problem}: the default certificate answers", reading.Remedy);
                continue;
            }
            if (certificates.JudgeDates(certificate, now) is { } problem)
                diagnostics.Warning(field, secretName, $"{problem}; it is served nevertheless", "Renew the certificate");
            JudgeNames(ingress.Tls[i].Hosts, i, certificate, diagnostics);
        }
    }

    /// <summary>
    /// What a handshake for <paramref name="host"/> is answered with: the oldest Ingress with a <c>tls</c> list decides,
    /// by the entry that lists the host, else by one whose certificate covers it. Null when no Ingress has such a list.
    /// </summary>
    public static HostCertificate? Select(string host, IEnumerable<IngressResource> oldestFirst, CertificateCache certificates, TlsPolicy policy)
    {
        foreach (var ingress in oldestFirst)
        {
            if (ingress.Tls.Count > 0)
                return new HostCertificate(host, Select(host, ingress, certificates), policy);
        }
        return null;
    }

    private static TlsCertificate? Select(string host, IngressResource ingress, CertificateCache certificates)
    {
        foreach (var tls in ingress.Tls)
        {
            if (tls.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
                return Find(tls) is { } listed && listed.Covers(host) ? listed : null;
        }
        foreach (var tls in ingress.Tls)
        {
            if (Find(tls) is { } certificate && certificate.Covers(host))
                return certificate;
        }
        return null;

        TlsCertificate? Find(IngressTls tls) =>
            tls.SecretName is { } name ? certificates.Find(new ObjectName(ingress.Name.Namespace, name)).Certificate : null;
    }

    private static void JudgeNames(EquatableArray<string> hosts, int entry, TlsCertificate certificate, DiagnosticCollector diagnostics)
    {
        for (var j = 0; j < hosts.Count; j++)
        {
            if (certificate.Covers(hosts[j]))
                continue;
            diagnostics.Error(
                $"spec.tls[{entry}].hosts[{j}]", hosts[j],
                $"the certificate in Secret {certificate.Secret} is not valid for this host, only for {string.Join(", ", certificate.DnsNames)}: the default certificate answers",
                "Use a certificate that names the host");
        }
    }
}
