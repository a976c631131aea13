using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration.Model;

namespace Gateway.Proxy.Tls;

/// <summary>The certificate that names without one of their own get. Clients warn of it; its names say what it is.</summary>
internal static class SelfSignedCertificate
{
    private const string Name = "gateway-fake-certificate.invalid";

    public static TlsCertificate Create(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("O=Gateway, CN=Gateway Fake Certificate", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var now = time.GetUtcNow();
        return new TlsCertificate(null, request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10)), []) { DnsNames = [Name] };
    }
}
