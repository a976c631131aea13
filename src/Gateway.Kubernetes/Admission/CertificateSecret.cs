using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Admission;

/// <summary>The Secret that holds the webhook's certificate: <c>ca.crt</c>, <c>tls.crt</c> and <c>tls.key</c>.</summary>
internal sealed class CertificateSecret(ApiClient api, ObjectName name)
{
    private readonly string _path = ApiResource.Secrets.PathOf(name);

    /// <summary>Reads it; null: it is not there.</summary>
    /// <exception cref="ApiException">It cannot be read.</exception>
    public Task<JsonObject?> ReadAsync(CancellationToken cancellation) => api.FindAsync(_path, cancellation);

    /// <summary>Writes <paramref name="certificate"/> into it, creating it if <paramref name="before"/> is null.</summary>
    /// <exception cref="ApiException">409: somebody else wrote it meanwhile.</exception>
    public Task WriteAsync(JsonObject? before, SelfSignedCertificate certificate, CancellationToken cancellation)
    {
        var secret = before ?? new JsonObject
        {
            ["apiVersion"] = ApiResource.Secrets.ApiVersion,
            ["kind"] = ApiResource.Secrets.Kind,
            ["metadata"] = new JsonObject { ["name"] = name.Name },
            ["type"] = "kubernetes.io/tls",
        };
        secret["data"] = new JsonObject
        {
            ["ca.crt"] = Encode(certificate.Authorities),
            ["tls.crt"] = Encode(certificate.Certificate),
            ["tls.key"] = Encode(certificate.Key),
        };
        return before is null
            ? api.CreateAsync(ApiResource.Secrets.PathIn(name.Namespace), secret, cancellation)
            : api.ReplaceAsync(_path, secret, cancellation);
    }

    /// <summary>The certificate in a Secret; null: there is none, or one that cannot be decoded.</summary>
    public static SelfSignedCertificate? CertificateIn(JsonObject? secret)
    {
        try
        {
            return (Decode("ca.crt"), Decode("tls.crt"), Decode("tls.key")) is ({ } authorities, { } certificate, { } key)
                ? new SelfSignedCertificate(authorities, certificate, key)
                : null;
        }
        catch (FormatException)
        {
            return null;
        }

        string? Decode(string key) =>
            secret?["data"]?[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String
                ? Encoding.ASCII.GetString(Convert.FromBase64String(value.GetValue<string>()))
                : null;
    }

    private static string Encode(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));
}
