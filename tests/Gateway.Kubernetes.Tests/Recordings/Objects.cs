using Gateway.Testing.ApiServer;

namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>Objects for the recordings' tests.</summary>
internal static class Objects
{
    public static string Ingress(string name, string labels = "{}") =>
        $$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: {{name}}, namespace: demo, labels: {{labels}}}
        spec:
          ingressClassName: gw
          rules:
          - host: {{name}}.example
            http:
              paths:
              - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80} } } }
        """;

    public static void PutIngresses(ApiServer api, params string[] names)
    {
        foreach (var name in names)
            api.Apply(Ingress(name));
    }
}
