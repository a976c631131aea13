using System.Text.Json.Nodes;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>Objects for tests with a cluster.</summary>
internal static class ClusterYaml
{
    /// <summary>An IngressClass.</summary>
    public static string Class(string name, string controller) => $$"""
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: {{name}}}
        spec: {controller: {{controller}}}
        ---

        """;

    /// <summary>A Service in the namespace default, with endpoints on loopback.</summary>
    public static string Service(string name, params int[] ports) =>
        Yaml.Service(name, ports).Replace("metadata:\n", "metadata:\n  namespace: default\n", StringComparison.Ordinal);

    /// <summary>An Ingress of the class nginx in the namespace default.</summary>
    public static string Ingress(string name, string host, string service, string path = "/", string annotations = "", string spec = "") =>
        Yaml.Ingress(name, host, service, path, annotations: annotations, spec: "ingressClassName: nginx" + (spec.Length == 0 ? "" : $"\n  {spec}"))
            .Replace("metadata:\n", "metadata:\n  namespace: default\n", StringComparison.Ordinal);

    /// <summary>A pod that runs the gateway.</summary>
    public static string GatewayPod(string name, string node) => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}, namespace: {{GatewayProcess.PodNamespace}}, labels: {app.kubernetes.io/name: gateway} }
        spec: {nodeName: {{node}}, containers: [{name: controller, image: gateway}]}
        status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
        ---

        """;

    /// <summary>The first address in an Ingress's status; null: none.</summary>
    public static string? Address(this JsonObject ingress) => (string?)ingress["status"]?["loadBalancer"]?["ingress"]?[0]?["ip"];
}
