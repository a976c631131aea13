using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Certificates;

/// <summary>Selects the certificate of a host as ingress-nginx does: the oldest Ingress of the host that has a <c>tls</c> list decides.</summary>
internal static class CertificateSelection
{
    /// <summary>
    /// What a handshake for <paramref name="host"/> is answered with: the Secret of the entry that lists the host, else
    /// one whose certificate covers it, else the default certificate. Null when no Ingress has a <c>tls</c> list.
    /// </summary>
    public static HostCertificate? Select(string host, IEnumerable<IngressResource> oldestFirst, CertificateCache certificates, TlsPolicy policy)
    {
        var decides = Deciding(oldestFirst);
        return decides is null ? null : new HostCertificate(host, Select(host, decides, certificates), policy);
    }

    /// <summary>Says that the Ingress which decides names Secrets, but none for <paramref name="host"/>; null: it does, or means the default certificate.</summary>
    /// <param name="host">The host.</param>
    /// <param name="oldestFirst">All Ingresses that have rules for it.</param>
    /// <param name="certificates">Reads the Secrets.</param>
    /// <param name="byDefault">The default certificate; null: a self-signed one, which is valid for no host.</param>
    public static Diagnostic? JudgeFallback(string host, IEnumerable<IngressResource> oldestFirst, CertificateCache certificates, TlsCertificate? byDefault)
    {
        if (host == HostRoutes.AnyHost || Deciding(oldestFirst) is not { } ingress || EntryFor(host, ingress) >= 0 || byDefault?.Covers(host) == true)
            return null;
        ObjectName[] secrets = [.. ingress.SecretNames()];
        // A Secret that cannot be read may be meant for the host, and is told of by itself.
        if (secrets.Length == 0 || !secrets.All(secret => certificates.Find(secret).Certificate?.Covers(host) == false))
            return null;
        var rule = ingress.HostNames().TakeWhile(name => name != host).Count();
        return new Diagnostic(
            DiagnosticSeverity.Error, ingress.Key, $"spec.rules[{rule}].host", host,
            "no entry of spec.tls lists this host, and no certificate that they name is valid for it, so the default certificate answers",
            "Use a certificate that names the host, or add an entry that lists it with one that does")
        {
            AwaitsOther = true,
        };
    }

    /// <summary>Says where a younger Ingress names a Secret for <paramref name="host"/> in vain.</summary>
    public static void JudgeConflicts(string host, IEnumerable<IngressResource> oldestFirst, List<Diagnostic> conflicts)
    {
        IngressResource? decides = null;
        foreach (var ingress in oldestFirst.Where(ingress => ingress.Tls.Count > 0))
        {
            decides ??= ingress;
            var entry = EntryFor(host, ingress);
            if (entry < 0 || SecretOf(ingress, entry) is not { } secret || secret == SecretOf(decides, EntryFor(host, decides)))
                continue;
            conflicts.Add(new Diagnostic(
                DiagnosticSeverity.Warning, ingress.Key, $"spec.tls[{entry}].secretName", secret.Name,
                $"the certificate of {host} is chosen by Ingress {decides.Name}, which comes first, so for this host the Secret has no effect",
                "Name the same Secret in both"));
        }
    }

    private static IngressResource? Deciding(IEnumerable<IngressResource> oldestFirst) => oldestFirst.FirstOrDefault(ingress => ingress.Tls.Count > 0);

    private static TlsCertificate? Select(string host, IngressResource ingress, CertificateCache certificates)
    {
        if (EntryFor(host, ingress) is >= 0 and var listed)
            return Covering(listed);
        for (var entry = 0; entry < ingress.Tls.Count; entry++)
        {
            if (Covering(entry) is { } certificate)
                return certificate;
        }
        return null;

        TlsCertificate? Covering(int entry) =>
            SecretOf(ingress, entry) is { } secret && certificates.Find(secret).Certificate is { } certificate && certificate.Covers(host)
                ? certificate
                : null;
    }

    /// <summary>The first entry that lists the host literally, or -1.</summary>
    private static int EntryFor(string host, IngressResource ingress)
    {
        for (var entry = 0; entry < ingress.Tls.Count; entry++)
        {
            if (ingress.Tls[entry].Hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
                return entry;
        }
        return -1;
    }

    private static ObjectName? SecretOf(IngressResource ingress, int entry) =>
        entry >= 0 && ingress.Tls[entry].SecretName is { } secret ? new ObjectName(ingress.Name.Namespace, secret) : null;
}
