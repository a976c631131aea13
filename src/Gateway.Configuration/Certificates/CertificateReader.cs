using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Certificates;

/// <summary>What came of reading a certificate: it, or why not.</summary>
/// <param name="Certificate">The certificate, or null.</param>
/// <param name="Problem">Why there is none; empty when there is one.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record CertificateReading(TlsCertificate? Certificate, string Problem = "", string Remedy = "")
{
    /// <summary>When the certificate begins to be valid.</summary>
    public DateTimeOffset ValidFrom { get; init; }

    /// <summary>When it ceases to be.</summary>
    public DateTimeOffset ValidUntil { get; init; }

    public static CertificateReading Failure(string problem, string remedy) => new(null, problem, remedy);
}

/// <summary>Reads a certificate with chain and key from a Secret: <c>tls.crt</c> and <c>tls.key</c> in PEM (RFC 7468), RSA or ECDSA, the key as PKCS#1, PKCS#8 or SEC1.</summary>
internal static class CertificateReader
{
    private const string CertificateEntry = "tls.crt";
    private const string KeyEntry = "tls.key";
    private const string CertificateStart = "-----BEGIN CERTIFICATE-----";
    private const string KeyLabel = "PRIVATE KEY";
    private const string NewSecret = "Create the Secret anew, with kubectl create secret tls";

    /// <summary>Never throws: whatever the Secret holds, the answer says what is wrong with it.</summary>
    public static CertificateReading Read(SecretResource secret)
    {
        if (secret.Type is not (SecretResource.TlsType or "Opaque" or ""))
            return CertificateReading.Failure($"Secret {secret.Name} has the type {Diagnostic.Printable(secret.Type)}", $"Use a Secret of type {SecretResource.TlsType}");
        if (secret.Find(CertificateEntry) is not { } certificate || secret.Find(KeyEntry) is not { } key)
            return CertificateReading.Failure($"Secret {secret.Name} lacks {CertificateEntry} or {KeyEntry}", NewSecret);

        var chain = new X509Certificate2Collection();
        var certificateText = Encoding.UTF8.GetString(certificate.Reveal());
        try
        {
            chain.ImportFromPem(certificateText);
        }
        catch (Exception)
        {
            // The platform's parsers throw more kinds of exceptions at damaged input than they document.
            return CertificateReading.Failure($"{CertificateEntry} of Secret {secret.Name} is damaged, since not every part of it is a certificate", NewSecret);
        }
        var parts = certificateText.AsSpan().Count(CertificateStart);
        if (parts == 0)
            return CertificateReading.Failure($"{CertificateEntry} of Secret {secret.Name} holds no certificate in PEM form", NewSecret);
        if (chain.Count < parts)
            return CertificateReading.Failure($"{CertificateEntry} of Secret {secret.Name} is cut off or damaged (only {chain.Count} of {parts} certificates can be read)", NewSecret);
        return WithKey(secret.Name, chain, certificateText, Encoding.UTF8.GetString(key.Reveal()));
    }

    private static CertificateReading WithKey(ObjectName secret, X509Certificate2Collection chain, string certificateText, string keyText)
    {
        switch (KeyLabelOf(keyText))
        {
            case null:
                return CertificateReading.Failure($"{KeyEntry} of Secret {secret} holds no private key in PEM form, or is cut off", NewSecret);
            case "ENCRYPTED PRIVATE KEY":
                return CertificateReading.Failure($"{KeyEntry} of Secret {secret} is encrypted", "Store the key without a pass phrase");
        }
        try
        {
            using var rsa = chain[0].GetRSAPublicKey();
            using var ecdsa = chain[0].GetECDsaPublicKey();
            if (rsa is null && ecdsa is null)
                return CertificateReading.Failure($"the certificate of Secret {secret} has neither an RSA nor an ECDSA key", "Use an RSA or ECDSA certificate");
            var leaf = X509Certificate2.CreateFromPem(certificateText, keyText);
            var names = NamesOf(leaf);
            chain.RemoveAt(0);
            if (CertificateStrength.Judge(leaf, chain) is { } weakness)
                return CertificateReading.Failure($"the certificate of Secret {secret} {weakness.Problem}", weakness.Remedy);
            return new CertificateReading(new TlsCertificate(secret, leaf, chain) { DnsNames = names })
            {
                ValidFrom = leaf.NotBefore.ToUniversalTime(),
                ValidUntil = leaf.NotAfter.ToUniversalTime(),
            };
        }
        catch (Exception)
        {
            return CertificateReading.Failure(
                $"{KeyEntry} of Secret {secret} is not the key of the first certificate in {CertificateEntry}, or one of them is damaged",
                $"Store the key that belongs to the certificate, and put the server's own certificate first in {CertificateEntry}");
        }
    }

    private static string? KeyLabelOf(string text)
    {
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var found))
        {
            var label = rest[found.Label];
            if (label.EndsWith(KeyLabel, StringComparison.Ordinal))
                return label.ToString();
            rest = rest[found.Location.End..];
        }
        return null;
    }

    private static EquatableArray<string> NamesOf(X509Certificate2 leaf)
    {
        foreach (var extension in leaf.Extensions)
        {
            if (extension is X509SubjectAlternativeNameExtension names)
                return names.EnumerateDnsNames().ToEquatableArray();
        }
        return leaf.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } commonName ? [commonName] : [];
    }
}
