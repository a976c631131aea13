using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Certificates;

/// <summary>Judges the Secrets that Ingresses and the command line name for TLS.</summary>
internal static class CertificateJudgement
{
    private const int MostNames = 5;
    private const string DefaultFlag = "--default-ssl-certificate";

    /// <summary>The certificate in the Secret that <c>--default-ssl-certificate</c> names; null: the gateway makes its own.</summary>
    public static TlsCertificate? Default(ObjectName? name, CertificateCache certificates, DateTimeOffset now, DiagnosticCollector diagnostics)
    {
        if (name is not { } named)
            return null;
        var reading = certificates.Find(named);
        if (reading.Certificate is null)
            diagnostics.Error(DefaultFlag, named.ToString(), $"{reading.Problem}, so a self-signed certificate answers", reading.Remedy);
        else if (certificates.JudgeDates(reading, now) is { } problem)
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
                diagnostics.Awaited(field, secretName, $"{reading.Problem}, so the default certificate answers", reading.Remedy);
                continue;
            }
            if (certificates.JudgeDates(reading, now) is { } problem)
                diagnostics.Warning(field, secretName, $"{problem}; it is served nevertheless", "Renew the certificate");
            JudgeNames(ingress.Tls[i].Hosts, i, certificate, diagnostics);
        }
    }

    private static void JudgeNames(EquatableArray<string> hosts, int entry, TlsCertificate certificate, DiagnosticCollector diagnostics)
    {
        for (var j = 0; j < hosts.Count; j++)
        {
            if (certificate.Covers(hosts[j]))
                continue;
            diagnostics.Awaited(
                $"spec.tls[{entry}].hosts[{j}]", hosts[j],
                $"the certificate in Secret {certificate.Secret} is not valid for this host, only for {Names(certificate)}, and so not used for it",
                "Use a certificate that names the host");
        }
    }

    private static string Names(TlsCertificate certificate) => certificate.DnsNames.Count switch
    {
        0 => "no host at all",
        <= MostNames => Diagnostic.Printable(string.Join(", ", certificate.DnsNames)),
        var count => $"{Diagnostic.Printable(string.Join(", ", certificate.DnsNames.Take(MostNames)))} and {count - MostNames} others",
    };
}
