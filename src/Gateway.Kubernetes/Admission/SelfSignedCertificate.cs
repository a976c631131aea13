using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Kubernetes.Admission;

/// <summary>A server certificate with a certificate authority of its own, whose key is forgotten at once. PEM.</summary>
/// <param name="Authorities">The authorities to trust: its own first.</param>
/// <param name="Certificate">The server's certificate.</param>
/// <param name="Key">Its private key (PKCS #8).</param>
internal sealed record SelfSignedCertificate(string Authorities, string Certificate, string Key)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>Makes one.</summary>
    /// <param name="names">DNS names of the server.</param>
    /// <param name="now">The time; it is valid for a year.</param>
    /// <param name="before">The one that is replaced: its authority stays trusted, since replicas change over one after the other.</param>
    public static SelfSignedCertificate Create(IReadOnlyList<string> names, DateTimeOffset now, SelfSignedCertificate? before)
    {
        var (from, until) = (now - Skew, now + Lifetime);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest($"CN=gateway webhook authority {now:yyyy-MM-dd}", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        using var authority = authorityRequest.CreateSelfSigned(from, until);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gateway webhook", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using var certificate = request.Create(authority, from, until, RandomNumberGenerator.GetBytes(16));

        var authorities = authority.ExportCertificatePem() + "\n";
        if (before?.Authority(now) is { } old)
        {
            using (old)
                authorities += old.ExportCertificatePem() + "\n";
        }
        return new SelfSignedCertificate(authorities, certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>Loads it for serving.</summary>
    /// <exception cref="CryptographicException">It cannot be read, or the key is not the certificate's.</exception>
    public X509Certificate2 Load() => X509Certificate2.CreateFromPem(Certificate, Key);

    /// <summary>Whether it can be read, is good for <paramref name="names"/>, signed by its first authorities and valid for another month.</summary>
    public bool IsGoodFor(IReadOnlyList<string> names, DateTimeOffset now)
    {
        try
        {
            using var certificate = Load();
            if (certificate.NotBefore > now || certificate.NotAfter < now + RenewBefore || !names.All(name => certificate.MatchesHostname(name)))
                return false;
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.ImportFromPem(Authorities);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.VerificationTime = now.UtcDateTime;
            return chain.Build(certificate);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Its own authority, if that can be read and has not run out.</summary>
    private X509Certificate2? Authority(DateTimeOffset now)
    {
        try
        {
            var authority = X509Certificate2.CreateFromPem(Authorities);
            if (authority.NotAfter >= now)
                return authority;
            authority.Dispose();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
        }
        return null;
    }
}
