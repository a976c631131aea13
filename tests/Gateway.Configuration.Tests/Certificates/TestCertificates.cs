using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Tests.Certificates;

/// <summary>Makes certificates for tests: each recipe once.</summary>
internal static class TestCertificates
{
    private static readonly ConcurrentDictionary<string, (string Certificate, string Key)> Made = new();

    /// <summary>When the certificates begin to be valid, if the recipe does not say otherwise.</summary>
    public static DateTimeOffset From { get; } = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The last moment at which they are.</summary>
    public static DateTimeOffset Until { get; } = new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A self-signed ECDSA certificate and its key, in PEM.</summary>
    /// <param name="recipe">DNS names, separated by commas; <c>cn:NAME</c> has no alternative names, <c>@2025-2026</c> at the end sets the years of validity.</param>
    public static (string Certificate, string Key) Pem(string recipe) => Made.GetOrAdd(recipe, static recipe =>
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Make(recipe, name => new CertificateRequest(name, key, HashAlgorithmName.SHA256));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    });

    /// <summary>A self-signed certificate with the key that <paramref name="request"/> is made of.</summary>
    public static X509Certificate2 Make(string recipe, Func<string, CertificateRequest> request)
    {
        var (from, until) = (From, Until);
        if (recipe.IndexOf('@') is > 0 and var at)
        {
            var years = recipe[(at + 1)..].Split('-').Select(year => int.Parse(year, CultureInfo.InvariantCulture)).ToArray();
            (from, until) = (new DateTimeOffset(years[0], 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(years[1], 1, 1, 0, 0, 0, TimeSpan.Zero));
            recipe = recipe[..at];
        }
        if (recipe.StartsWith("cn:", StringComparison.Ordinal))
            return request($"CN={recipe[3..]}").CreateSelfSigned(from, until);
        var made = request("CN=test");
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in recipe.Split(','))
            names.AddDnsName(name);
        made.CertificateExtensions.Add(names.Build());
        return made.CreateSelfSigned(from, until);
    }

    public static SecretResource Secret(ObjectName name, string? certificate, string? key, string type = SecretResource.TlsType)
    {
        List<SecretEntry> entries = [];
        if (certificate is not null)
            entries.Add(new SecretEntry("tls.crt", new SensitiveBytes(Encoding.UTF8.GetBytes(certificate))));
        if (key is not null)
            entries.Add(new SecretEntry("tls.key", new SensitiveBytes(Encoding.UTF8.GetBytes(key))));
        return new SecretResource(name, type, entries.ToEquatableArray());
    }

    public static SecretResource Secret(ObjectName name, string recipe) => Secret(name, Pem(recipe).Certificate, Pem(recipe).Key);
}
