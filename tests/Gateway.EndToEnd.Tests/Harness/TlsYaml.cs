using System.Text;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>Manifests about TLS.</summary>
internal static class TlsYaml
{
    /// <summary>A Secret with a certificate.</summary>
    public static string Secret(string name, IssuedCertificate certificate) => Secret(name, certificate.Certificates, certificate.Key);

    /// <summary>A Secret that says it has a certificate.</summary>
    public static string Secret(string name, string certificates, string key) => $"""
        apiVersion: v1
        kind: Secret
        metadata:
          name: {name}
        type: kubernetes.io/tls
        data:
          tls.crt: {Convert.ToBase64String(Encoding.ASCII.GetBytes(certificates))}
          tls.key: {Convert.ToBase64String(Encoding.ASCII.GetBytes(key))}
        ---

        """;

    /// <summary>An Ingress for one host with TLS.</summary>
    public static string Ingress(string name, string host, string secret, string service = "web", string annotations = "") =>
        Yaml.Ingress(name, host, service, annotations: annotations, spec: $$"""tls: [{ hosts: ["{{host}}"], secretName: {{secret}} }]""");
}
