using System.Globalization;
using System.Text;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>Manifests for tests.</summary>
internal static class Yaml
{
    /// <summary>A Service with one EndpointSlice on loopback; <paramref name="ports"/> are the endpoints' ports, one address each (127.0.0.1, 127.0.0.2 …) is not needed since ports differ by slice.</summary>
    public static string Service(string name, params int[] ports) => Service(name, "http", null, ports);

    /// <summary>The same with an appProtocol.</summary>
    public static string Service(string name, string portName, string? appProtocol, params int[] ports)
    {
        var yaml = new StringBuilder();
        yaml.Append(CultureInfo.InvariantCulture, $"""
            apiVersion: v1
            kind: Service
            metadata:
              name: {name}
            spec:
              ports:
                - name: {portName}
                  port: 80
                  {(appProtocol is null ? "" : $"appProtocol: {appProtocol}")}
            ---

            """);
        for (var i = 0; i < ports.Length; i++)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: {name}-{i}
                  labels:
                    kubernetes.io/service-name: {name}
                addressType: IPv4
                ports:
                  - name: {portName}
                    port: {ports[i]}
                endpoints:
                  - addresses: ["127.0.0.1"]
                ---

                """);
        }
        return yaml.ToString();
    }

    /// <summary>A Service that stands for a name outside of the cluster.</summary>
    public static string ExternalService(string name, string externalName, int port) => $"""
        apiVersion: v1
        kind: Service
        metadata:
          name: {name}
        spec:
          type: ExternalName
          externalName: {externalName}
          ports:
            - port: 80
              targetPort: {port}
        ---

        """;

    /// <summary>An Ingress with one host and one path.</summary>
    public static string Ingress(string name, string host, string service, string path = "/", string pathType = "Prefix", string annotations = "", string spec = "") => $"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: {name}
          annotations: {(annotations.Length == 0 ? "{}" : annotations)}
        spec:
          {spec}
          rules:
            - host: "{host}"
              http:
                paths:
                  - path: {path}
                    pathType: {pathType}
                    backend:
                      service:
                        name: {service}
                        port:
                          number: 80
        ---

        """;

    /// <summary>A ConfigMap whose data is given as YAML: a flow mapping, or lines indented by two.</summary>
    public static string ConfigMap(string name, string data) => $"""
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: {name}
        data: {data}
        ---

        """;
}
