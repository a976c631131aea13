using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>The kind of a private key, and the form that it is written in.</summary>
public enum KeyForm
{
    /// <summary>RFC 5915: <c>EC PRIVATE KEY</c>.</summary>
    EcdsaSec1,

    /// <summary>RFC 5958: <c>PRIVATE KEY</c>.</summary>
    EcdsaPkcs8,

    /// <summary>RFC 8017: <c>RSA PRIVATE KEY</c>.</summary>
    RsaPkcs1,

    /// <summary>RFC 5958: <c>PRIVATE KEY</c>.</summary>
    RsaPkcs8,
}

/// <summary>A certificate with its key, in PEM.</summary>
internal sealed record IssuedCertificate(string Certificates, string Key, string SerialNumber);

/// <summary>A certificate authority: a root that clients trust, and an intermediate that servers have to send.</summary>
internal sealed class TestAuthority
{
    private readonly X509Certificate2 _intermediate;

    public TestAuthority()
    {
        var now = DateTimeOffset.UtcNow;
        var root = Request("Test Root", ECDsa.Create(ECCurve.NamedCurves.nistP256), isAuthority: true);
        Root = root.CreateSelfSigned(now.AddYears(-2), now.AddYears(2));
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _intermediate = Request("Test Intermediate", key, isAuthority: true).Create(Root, now.AddYears(-2), now.AddYears(2), NewSerial()).CopyWithPrivateKey(key);
    }

    public X509Certificate2 Root { get; }

    /// <summary>Issues a certificate, valid for a day unless told otherwise, with the intermediate behind it.</summary>
    public IssuedCertificate Issue(string host, KeyForm form = KeyForm.EcdsaPkcs8, DateTimeOffset? until = null)
    {
        var end = until ?? DateTimeOffset.UtcNow.AddDays(1);
        using AsymmetricAlgorithm key = form is KeyForm.RsaPkcs1 or KeyForm.RsaPkcs8 ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(host, key, isAuthority: false);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(
            _intermediate.SubjectName, X509SignatureGenerator.CreateForECDsa(_intermediate.GetECDsaPrivateKey()!), end.AddDays(-30), end, NewSerial());
        var pem = form switch
        {
            KeyForm.EcdsaSec1 => ((ECDsa)key).ExportECPrivateKeyPem(),
            KeyForm.RsaPkcs1 => ((RSA)key).ExportRSAPrivateKeyPem(),
            _ => key.ExportPkcs8PrivateKeyPem(),
        };
        return new IssuedCertificate($"{leaf.ExportCertificatePem()}\n{_intermediate.ExportCertificatePem()}\n", pem + "\n", leaf.SerialNumber);
    }

    private static CertificateRequest Request(string name, AsymmetricAlgorithm key, bool isAuthority)
    {
        var subject = new X500DistinguishedName($"CN={name}");
        var request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        return request;
    }

    private static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(12);
        serial[0] &= 0x7f;
        return serial;
    }
}
