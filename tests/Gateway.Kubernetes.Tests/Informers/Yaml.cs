using System.Text;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>Objects for tests.</summary>
internal static class Yaml
{
    public static string Ingress(string name, string ns = "demo", string host = "a.example", string service = "web", string? secret = null, string className = "nginx") => $$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: {{name}}, namespace: {{ns}} }
        spec:
          ingressClassName: {{className}}
          {{(secret is null ? "" : $"tls: [{{hosts: [{host}], secretName: {secret} }}]")}}
          rules:
          - host: {{host}}
            http:
              paths:
              - {path: /, pathType: Prefix, backend: {service: {name: {{service}}, port: {number: 80} } } }
        """;

    public static string Class(string name, string controller = "k8s.io/ingress-nginx", bool isDefault = false) => $$"""
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: {{name}}, annotations: {ingressclass.kubernetes.io/is-default-class: "{{(isDefault ? "true" : "false")}}"} }
        spec: {controller: {{controller}}}
        """;

    public static string Service(string name, string ns = "demo") => $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}, namespace: {{ns}} }
        spec: {ports: [{port: 80, targetPort: 8080}]}
        """;

    public static string Slice(string name, string service, string address, string ns = "demo") => $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: {{name}}, namespace: {{ns}}, labels: {kubernetes.io/service-name: {{service}} } }
        addressType: IPv4
        ports: [{port: 8080}]
        endpoints: [{addresses: [{{address}}]}]
        """;

    public static string Secret(string name, string certificate = "certificate", string type = "kubernetes.io/tls", string ns = "demo") => $$"""
        apiVersion: v1
        kind: Secret
        metadata: {name: {{name}}, namespace: {{ns}} }
        type: {{type}}
        data: {tls.crt: {{Base64(certificate)}}, tls.key: {{Base64("key")}} }
        """;

    public static string ConfigMap(string name, string ns = "demo", string key = "proxy-body-size", string value = "8m") => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: {{name}}, namespace: {{ns}} }
        data: { {{key}}: "{{value}}"}
        """;

    public static string Namespace(string name, string labels = "") => $$"""
        apiVersion: v1
        kind: Namespace
        metadata: {name: {{name}}, labels: { {{labels}} } }
        """;

    public static string All(params IEnumerable<string> documents) => string.Join("\n---\n", documents);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
