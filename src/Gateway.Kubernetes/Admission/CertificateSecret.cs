using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Admission;

/// <summary>The Secret that holds the webhook's certificate: <c>ca.crt</c>, <c>tls.crt</c> and <c>tls.key</c>.</summary>
internal sealed class CertificateSecret(ApiClient api, ObjectName name)
{
    private readonly string _collection = $"/api/v1/namespaces/{name.Namespace}/secrets";

    /// <summary>Reads it; null: it is not there.</summary>
    /// <exception cref="ApiException">It cannot be read.</exception>
    public async Task<JsonObject?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return JsonNode.Parse(await api.ReadAsync(HttpMethod.Get, $"{_collection}/{name.Name}", null, null, cancellation)) as JsonObject;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Writes <paramref name="certificate"/> into it, creating it if <paramref name="before"/> is null.</summary>
    /// <exception cref="ApiException">409: somebody else wrote it meanwhile.</exception>
    public Task WriteAsync(JsonObject? before, SelfSignedCertificate certificate, CancellationToken cancellation)
    {
        var secret = before ?? new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = name.Name },
            ["type"] = "kubernetes.io/tls",
        };
        secret["data"] = new JsonObject
        {
            ["ca.crt"] = Encode(certificate.Authorities),
            ["tls.crt"] = Encode(certificate.Certificate),
            ["tls.key"] = Encode(certificate.Key),
        };
        var body = Encoding.UTF8.GetBytes(secret.ToJsonString());
        return before is null
            ? api.ReadAsync(HttpMethod.Post, _collection, body, "application/json", cancellation)
            : api.ReadAsync(HttpMethod.Put, $"{_collection}/{name.Name}", body, "application/json", cancellation);
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
