using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Benchmarks.InCluster;

/// <summary>Objects as a cluster has them: with the metadata that tools leave behind, which is most of their size.</summary>
internal static class Objects
{
    /// <summary>The class that the gateway serves.</summary>
    public const string OwnClass = "gateway";

    /// <summary>The address that the gateway publishes.</summary>
    public const string Address = "192.0.2.1";

    private static readonly Lazy<(string Certificate, string Key)> Certificate = new(MakeCertificate);

    public static JsonObject Class(string name, string controller) => Parse($$"""
        {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "{{name}}" }, "spec": {"controller": "{{controller}}" } }
        """);

    /// <summary>An Ingress with a host, two paths and, if <paramref name="secret"/> is given, TLS.</summary>
    /// <param name="name">Its name; the host is below example.com.</param>
    /// <param name="service">Where <paramref name="path"/> leads; all else leads to <c>other</c>.</param>
    /// <param name="path">A prefix.</param>
    /// <param name="secret">Its certificate.</param>
    /// <param name="className">Its class.</param>
    /// <param name="port">The port of <paramref name="service"/>.</param>
    /// <param name="annotation">The value of an annotation that is part of every route.</param>
    /// <param name="other">Where all other paths lead.</param>
    /// <param name="revision">A value of what nobody uses.</param>
    /// <param name="written">Whether the gateway's address is in the status.</param>
    public static JsonObject Ingress(
        string name, string service, string path = "/api", string? secret = null, string className = OwnClass, int port = 80,
        int annotation = 60, string? other = null, int revision = 0, bool written = true) => Parse($$"""
        {
          "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
          "metadata": {
            "name": "{{name}}", "namespace": "shop",
            "labels": {"app.kubernetes.io/name": "{{name}}", "app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "shop-1.2.3"},
            "annotations": {
              "nginx.ingress.kubernetes.io/proxy-read-timeout": "{{annotation}}",
              "meta.helm.sh/release-name": "{{name}}", "meta.helm.sh/release-namespace": "shop", "example.com/revision": "{{revision}}"
            },
            "managedFields": [{{ManagedFields("networking.k8s.io/v1", "f:spec", "f:ingressClassName", "f:rules", "f:tls")}}]
          },
          "spec": {
            "ingressClassName": "{{className}}",
            {{(secret is null ? "" : $$"""
            "tls": [{"hosts": ["{{name}}.example.com"], "secretName": "{{secret}}"}],
            """)}}
            "rules": [{"host": "{{name}}.example.com", "http": {"paths": [
              {"path": "{{path}}", "pathType": "Prefix", "backend": {"service": {"name": "{{service}}", "port": {"number": {{port}} } } } },
              {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "{{other ?? service}}", "port": {"number": 80} } } }
            ] } }]
          }
          {{(written ? $$""", "status": {"loadBalancer": {"ingress": [{"ip": "{{Address}}"}] } }""" : "")}}
        }
        """);

    public static JsonObject Service(string name) => Parse($$"""
        {
          "apiVersion": "v1", "kind": "Service",
          "metadata": {
            "name": "{{name}}", "namespace": "shop", "labels": {"app.kubernetes.io/name": "{{name}}"},
            "managedFields": [{{ManagedFields("v1", "f:spec", "f:internalTrafficPolicy", "f:ports", "f:selector")}}]
          },
          "spec": {
            "type": "ClusterIP", "clusterIP": "10.96.0.10", "selector": {"app": "{{name}}"},
            "ports": [
              {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"},
              {"name": "next", "port": 8080, "targetPort": "next", "protocol": "TCP"}
            ]
          }
        }
        """);

    /// <summary>A slice whose endpoints listen on <paramref name="port"/> and, for the second service port, on <paramref name="next"/>.</summary>
    public static JsonObject Slice(string service, int port, int next, params string[] addresses) => Parse($$"""
        {
          "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
          "metadata": {
            "name": "{{service}}-x7k2p", "namespace": "shop", "generateName": "{{service}}-",
            "labels": {"kubernetes.io/service-name": "{{service}}", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
            "managedFields": [{{ManagedFields("discovery.k8s.io/v1", "f:endpoints", "f:ports", "f:addressType")}}]
          },
          "ports": [{"name": "http", "port": {{port}}, "protocol": "TCP"}, {"name": "next", "port": {{next}}, "protocol": "TCP"}],
          "endpoints": [{{string.Join(',', addresses.Select(address => $$"""
            {
              "addresses": ["{{address}}"], "conditions": {"ready": true, "serving": true, "terminating": false}, "nodeName": "node-1", "zone": "zone-a",
              "targetRef": {"kind": "Pod", "namespace": "shop", "name": "{{service}}-{{address}}", "uid": "3a2f6f70-8d2c-4e42-9a3b-1f0c2d4e5f60"}
            }
            """))}}]
        }
        """);

    /// <summary>A Secret of type kubernetes.io/tls; all have the same certificate.</summary>
    public static JsonObject Secret(string name, string ns = "shop", int revision = 0) => Parse($$"""
        {
          "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
          "metadata": {
            "name": "{{name}}", "namespace": "{{ns}}", "annotations": {"example.com/revision": "{{revision}}"},
            "managedFields": [{{ManagedFields("v1", "f:data", "f:tls.crt", "f:tls.key", "f:type")}}]
          },
          "data": {
            "ca.crt": "{{Base64(Certificate.Value.Certificate)}}", "tls.crt": "{{Base64(Certificate.Value.Certificate)}}", "tls.key": "{{Base64(Certificate.Value.Key)}}"
          }
        }
        """);

    /// <summary>A Secret of another type, with 4 KB.</summary>
    public static JsonObject OpaqueSecret(string name) => Parse($$"""
        {
          "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
          "metadata": {"name": "{{name}}", "namespace": "shop", "managedFields": [{{ManagedFields("v1", "f:data", "f:type")}}]},
          "data": {"file": "{{Base64(new string('x', 4096))}}"}
        }
        """);

    private static string ManagedFields(string version, string part, params string[] fields) => $$"""
        {
          "manager": "helm", "operation": "Update", "apiVersion": "{{version}}", "time": "2030-01-01T00:00:00Z", "fieldsType": "FieldsV1",
          "fieldsV1": {
            "f:metadata": {"f:annotations": {".": {}, "f:meta.helm.sh/release-name": {}, "f:meta.helm.sh/release-namespace": {} },
              "f:labels": {".": {}, "f:app.kubernetes.io/name": {}, "f:app.kubernetes.io/managed-by": {}, "f:helm.sh/chart": {} } },
            "{{part}}": { {{string.Join(',', fields.Select(field => $"\"{field}\": {{ }}"))}} }
          }
        }
        """;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static (string Certificate, string Key) MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=example.com", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("*.example.com");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
