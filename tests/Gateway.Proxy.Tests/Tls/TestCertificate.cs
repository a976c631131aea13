using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration.Model;

namespace Gateway.Proxy.Tests.Tls;

internal static class TestCertificate
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    /// <summary>A certificate for <paramref name="name"/> with the intermediate that signed it; the root above is nobody's.</summary>
    public static TlsCertificate Create(string name, bool rsa = false)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Authority of {name}", intermediateKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var intermediate = Sign(request, new X500DistinguishedName("CN=Root"), rootKey);
        return new TlsCertificate(null, rsa ? RsaLeaf(name, intermediate, intermediateKey) : EcdsaLeaf(name, intermediate, intermediateKey), [intermediate])
        {
            DnsNames = [name],
        };
    }

    private static X509Certificate2 RsaLeaf(string name, X509Certificate2 issuer, ECDsa issuerKey)
    {
        using var key = RSA.Create(2048);
        return Sign(WithName(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), name), issuer.SubjectName, issuerKey)
            .CopyWithPrivateKey(key);
    }

    private static X509Certificate2 EcdsaLeaf(string name, X509Certificate2 issuer, ECDsa issuerKey)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Sign(WithName(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256), name), issuer.SubjectName, issuerKey)
            .CopyWithPrivateKey(key);
    }

    private static CertificateRequest WithName(CertificateRequest request, string name)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    private static X509Certificate2 Sign(CertificateRequest request, X500DistinguishedName issuer, ECDsa issuerKey) =>
        request.Create(issuer, X509SignatureGenerator.CreateForECDsa(issuerKey), Now.AddDays(-1), Now.AddDays(1), RandomNumberGenerator.GetBytes(8));
}
