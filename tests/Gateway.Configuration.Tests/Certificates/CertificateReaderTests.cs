using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration.Certificates;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Tests.Certificates;

public sealed class CertificateReaderTests
{
    private static readonly ObjectName Name = new("shop", "tls");
    private static readonly RSA RsaKey = RSA.Create(2048);
    private static readonly ECDsa EcKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly string RsaCertificate = TestCertificates.Make("foo.com", name => new CertificateRequest(name, RsaKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)).ExportCertificatePem();
    private static readonly string EcCertificate = TestCertificates.Make("foo.com", name => new CertificateRequest(name, EcKey, HashAlgorithmName.SHA256)).ExportCertificatePem();

    private static CertificateReading Read(string? certificate, string? key, string type = SecretResource.TlsType) =>
        CertificateReader.Read(TestCertificates.Secret(Name, certificate, key, type));

    public static TheoryData<string, string, string> Forms => new()
    {
        { "RSA, PKCS#1", RsaCertificate, RsaKey.ExportRSAPrivateKeyPem() },
        { "RSA, PKCS#8", RsaCertificate, RsaKey.ExportPkcs8PrivateKeyPem() },
        { "ECDSA, SEC1", EcCertificate, EcKey.ExportECPrivateKeyPem() },
        { "ECDSA, SEC1 after its parameters, as openssl writes", EcCertificate, "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + EcKey.ExportECPrivateKeyPem() },
        { "ECDSA, PKCS#8", EcCertificate, EcKey.ExportPkcs8PrivateKeyPem() },
        { "CRLF", EcCertificate.ReplaceLineEndings("\r\n"), EcKey.ExportPkcs8PrivateKeyPem().ReplaceLineEndings("\r\n") },
        { "text around the blocks", "Certificate:\n  Issuer: me\n" + EcCertificate + "\nthat was it", "key:\n" + EcKey.ExportPkcs8PrivateKeyPem() },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_certificate_is_read_with_its_key(string form, string certificate, string key)
    {
        var reading = Read(certificate, key);
        Assert.True(reading.Certificate is not null, $"{form}: {reading.Problem}");
        Assert.True(reading.Certificate.Leaf.HasPrivateKey);
        Assert.Equal(["foo.com"], reading.Certificate.DnsNames);
        Assert.Equal(Name, reading.Certificate.Secret);
        Assert.Empty(reading.Certificate.Intermediates);
    }

    [Fact]
    public void An_opaque_secret_with_both_keys_will_do() =>
        Assert.NotNull(Read(EcCertificate, EcKey.ExportPkcs8PrivateKeyPem(), "Opaque").Certificate);

    [Fact]
    public void The_rest_of_the_chain_is_kept_in_its_order()
    {
        var (first, second) = (TestCertificates.Pem("ca1").Certificate, TestCertificates.Pem("ca2").Certificate);
        var certificate = Read($"{EcCertificate}\n{first}\n{second}\n", EcKey.ExportPkcs8PrivateKeyPem()).Certificate!;
        Assert.Equal("foo.com", Assert.Single(certificate.DnsNames));
        Assert.Equal(
            [X509Certificate2.CreateFromPem(first).Thumbprint, X509Certificate2.CreateFromPem(second).Thumbprint],
            certificate.Intermediates.Select(each => each.Thumbprint));
    }

    [Fact]
    public void A_certificate_that_never_expires_is_read()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=foo.com", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TestCertificates.From, new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero));
        var reading = Read(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        Assert.NotNull(reading.Certificate);
        Assert.Equal(9999, reading.ValidUntil.Year);
    }

    [Fact]
    public void Without_alternative_names_the_common_name_counts()
    {
        var (certificate, key) = TestCertificates.Pem("cn:foo.com");
        Assert.Equal(["foo.com"], Read(certificate, key).Certificate!.DnsNames);
    }

    public static TheoryData<string, string?, string?, string> Broken
    {
        get
        {
            var key = EcKey.ExportPkcs8PrivateKeyPem();
            return new()
            {
                { "no certificate", null, key, "lacks tls.crt or tls.key" },
                { "no key", EcCertificate, null, "lacks tls.crt or tls.key" },
                { "empty", "", "", "holds no certificate" },
                { "not PEM", "hello", key, "holds no certificate" },
                { "truncated", EcCertificate[..(EcCertificate.Length / 2)], key, "cut off or damaged (only 0 of 1" },
                { "truncated in the chain", EcCertificate + "\n" + RsaCertificate[..^40], key, "cut off or damaged (only 1 of 2" },
                { "base64 of nonsense", "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----", key, "damaged" },
                { "truncated key", EcCertificate, key[..(key.Length / 2)], "holds no private key in PEM form, or is cut off" },
                { "key of nonsense", EcCertificate, "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----", "is not the key of the first certificate" },
                { "another key", EcCertificate, TestCertificates.Pem("foo.com").Key, "is not the key of the first certificate" },
                { "key of another kind", EcCertificate, RsaKey.ExportPkcs8PrivateKeyPem(), "is not the key of the first certificate" },
                { "key of another kind, PKCS#1", EcCertificate, RsaKey.ExportRSAPrivateKeyPem(), "is not the key of the first certificate" },
                { "chain in the wrong order", TestCertificates.Pem("ca1").Certificate + "\n" + EcCertificate, key, "is not the key of the first certificate" },
                { "encrypted key", EcCertificate, EcKey.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)), "is encrypted" },
                { "certificate and key exchanged", key, EcCertificate, "holds no certificate" },
                { "NUL bytes", new string('\0', 5000), key, "holds no certificate" },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_secret_says_what_is_wrong(string what, string? certificate, string? key, string problem)
    {
        var reading = Read(certificate, key);
        Assert.True(reading.Certificate is null, what);
        Assert.Contains(problem, reading.Problem, StringComparison.Ordinal);
        Assert.Contains("shop/tls", reading.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(reading.Remedy);
    }

    [Fact]
    public void A_certificate_with_a_key_that_tls_here_cannot_use_is_refused()
    {
        const string ed25519 =
            """
            -----BEGIN CERTIFICATE-----
            MIIBTzCCAQGgAwIBAgIUFhQ/CY2Esbk28ni/wZlS3KK6TTwwBQYDK2VwMBIxEDAO
            BgNVBAMMB2Zvby5jb20wIBcNMjYxMTI0MTMxNDU2WhgPMjEyNjEwMzExMzE0NTZa
            MBIxEDAOBgNVBAMMB2Zvby5jb20wKjAFBgMrZXADIQC8VIDuMdu4qjiIGWZd454o
            TGuLFmfDemlk6qbQ0LLSnqNnMGUwHQYDVR0OBBYEFJp+u46vkoCh2ZoWe6IbCdyv
            01AWMB8GA1UdIwQYMBaAFJp+u46vkoCh2ZoWe6IbCdyv01AWMA8GA1UdEwEB/wQF
            MAMBAf8wEgYDVR0RBAswCYIHZm9vLmNvbTAFBgMrZXADQQBYYCL0jeVo8q8r7lLa
            B4f7YO+HDNbEQqzW90aH+ibM6WRZFcwY5gdGbauEKIumfqEOVWm55bt/WSnNciQC
            ylAE
            -----END CERTIFICATE-----
            """;
        Assert.Contains("neither an RSA nor an ECDSA key", Read(ed25519, EcKey.ExportPkcs8PrivateKeyPem()).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1024, "has an RSA key of 1024 bits, which TLS refuses")]
    [InlineData(2048, "")]
    public void A_short_rsa_key_is_refused(int bits, string problem)
    {
        using var key = RSA.Create(bits);
        using var certificate = TestCertificates.Make("foo.com", name => new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Contains(problem, Read(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem()).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.3.132.0.10", false)] // secp256k1
    [InlineData("1.3.132.0.33", false)] // P-224
    [InlineData("1.3.36.3.3.2.8.1.1.7", false)] // brainpoolP256r1
    [InlineData("1.2.840.10045.3.1.7", true)]
    [InlineData("1.3.132.0.34", true)]
    [InlineData("1.3.132.0.35", true)]
    public void A_curve_that_tls_does_not_use_is_refused(string curve, bool isUsed)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue(curve));
        using var certificate = TestCertificates.Make("foo.com", name => new CertificateRequest(name, key, HashAlgorithmName.SHA256));
        Assert.Equal(
            isUsed ? "" : "the certificate of Secret shop/tls has an ECDSA key on a curve that TLS does not use",
            Read(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem()).Problem);
    }

    [Fact]
    public void A_certificate_that_its_issuer_signed_with_sha1_is_refused_wherever_it_stands_in_the_chain()
    {
        using var weak = Issued("CN=foo.com", new Sha1Signatures());
        using var strong = Issued("CN=foo.com", X509SignatureGenerator.CreateForECDsa(EcKey));
        using var issuer = Issued("CN=authority", new Sha1Signatures());
        var key = EcKey.ExportPkcs8PrivateKeyPem();

        Assert.Contains("is signed with SHA-1 or MD5, which TLS refuses", Read(weak.ExportCertificatePem(), key).Problem, StringComparison.Ordinal);
        Assert.Contains("is issued by one that is signed with SHA-1", Read($"{strong.ExportCertificatePem()}\n{issuer.ExportCertificatePem()}", key).Problem, StringComparison.Ordinal);
        Assert.NotNull(Read(strong.ExportCertificatePem(), key).Certificate);
    }

    [Fact]
    public void A_root_may_be_weak_since_clients_trust_their_own_copy_of_it()
    {
        using var leaf = Issued("CN=foo.com", X509SignatureGenerator.CreateForECDsa(EcKey));
        using var sha1 = Issued("CN=root", new Sha1Signatures());
        using var shortKey = RSA.Create(1024);
        using var small = TestCertificates.Make("root", name => new CertificateRequest(name, shortKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        var key = EcKey.ExportPkcs8PrivateKeyPem();

        Assert.Empty(Read($"{leaf.ExportCertificatePem()}\n{sha1.ExportCertificatePem()}", key).Problem);
        Assert.Empty(Read($"{leaf.ExportCertificatePem()}\n{small.ExportCertificatePem()}", key).Problem);
        Assert.Empty(Read(sha1.ExportCertificatePem(), key).Problem);
    }

    private static X509Certificate2 Issued(string subject, X509SignatureGenerator signatures) =>
        new CertificateRequest(subject, EcKey, HashAlgorithmName.SHA256)
            .Create(new X500DistinguishedName("CN=root"), signatures, TestCertificates.From, TestCertificates.Until, [1]);

    /// <summary>The platform's own will not sign with SHA-1.</summary>
    private sealed class Sha1Signatures : X509SignatureGenerator
    {
        // ecdsa-with-SHA1.
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => Convert.FromHexString("300906072A8648CE3D0401");

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) =>
            EcKey.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

        protected override PublicKey BuildPublicKey() => new(EcKey);
    }

    [Fact]
    public void A_secret_of_another_type_is_refused() =>
        Assert.Contains("has the type helm.sh/release.v1", Read(EcCertificate, EcKey.ExportPkcs8PrivateKeyPem(), "helm.sh/release.v1").Problem, StringComparison.Ordinal);

    [Fact]
    public void Whatever_byte_is_changed_nothing_is_thrown()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var (certificate, key) = (EcCertificate, EcKey.ExportECPrivateKeyPem());
        for (var i = 0; i < 1000; i++)
        {
            var (changedCertificate, changedKey) = random.Next(2) == 0 ? (Changed(certificate), key) : (certificate, Changed(key));
            var exception = Record.Exception(() =>
            {
                var reading = Read(changedCertificate, changedKey);
                Assert.True(reading.Certificate is not null ^ reading.Problem.Length > 0);
            });
            Assert.True(exception is null, $"seed {seed}, round {i}: {exception}");
        }

        string Changed(string pem)
        {
            if (random.Next(4) == 0)
            {
                var text = pem.ToCharArray();
                text[random.Next(text.Length)] = (char)random.Next(1, 128);
                return new string(text);
            }
            var fields = PemEncoding.Find(pem);
            var der = Convert.FromBase64String(pem[fields.Base64Data]);
            der[random.Next(der.Length)] = (byte)random.Next(256);
            return PemEncoding.WriteString(pem[fields.Label], der);
        }
    }
}
