using System.Security.Cryptography.X509Certificates;

namespace Gateway.Configuration.Certificates;

/// <summary>
/// Whether TLS will use a certificate. OpenSSL refuses weak ones only as it answers a handshake, which then fails; here
/// they are found before. The bounds are those of its security level 2, and the curves those that it offers by default.
/// </summary>
internal static class CertificateStrength
{
    private const int LeastRsaBits = 2048;
    private const string NewCertificate = "Use a certificate that is signed with SHA-256 or better, with an RSA key of at least 2048 bits or an ECDSA key on P-256, P-384 or P-521";

    private static readonly string[] Curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    // MD5 and SHA-1 with RSA, SHA-1 with ECDSA.
    private static readonly string[] WeakSignatures = ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];

    /// <summary>What TLS would refuse, as a clause about "the certificate", or null.</summary>
    /// <param name="leaf">The server's own certificate.</param>
    /// <param name="intermediates">The rest of the chain.</param>
    public static (string Problem, string Remedy)? Judge(X509Certificate2 leaf, X509Certificate2Collection intermediates)
    {
        using var ecdsa = leaf.GetECDsaPublicKey();
        if (ecdsa is not null && !Curves.Contains(ecdsa.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value))
            return ("has an ECDSA key on a curve that TLS does not use", NewCertificate);
        if (Weakness(leaf) is { } own)
            return ($"{own}, which TLS refuses", NewCertificate);
        foreach (var issuer in intermediates)
        {
            if (!IsSelfSigned(issuer) && Weakness(issuer) is { } weakness)
                return ($"is issued by one that {weakness}, which TLS refuses", "Use a certificate of another issuer");
        }
        return null;
    }

    private static string? Weakness(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        return rsa is { KeySize: < LeastRsaBits } ? $"has an RSA key of {rsa.KeySize} bits"
            : !IsSelfSigned(certificate) && WeakSignatures.Contains(certificate.SignatureAlgorithm.Value) ? "is signed with SHA-1 or MD5"
            : null;
    }

    /// <summary>Nobody checks such a signature.</summary>
    private static bool IsSelfSigned(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
