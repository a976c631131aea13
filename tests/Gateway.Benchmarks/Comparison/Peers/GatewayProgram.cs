using System.Globalization;
using System.Reflection;
using System.Text;
using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison.Peers;

/// <summary>
/// This gateway, as a process in its shipped configuration, serving a folder of manifests. Only bodies may be as long as
/// they like. <c>GATEWAY_COMPARE_OPTIONS</c> adds options of <c>gateway run</c>, to try what is not shipped.
/// </summary>
internal sealed class GatewayProgram : Peer
{
    private const int ObjectsOfFile = 1000;

    private static readonly string Assembly = Path.GetFullPath(typeof(GatewayProgram).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "GatewayAssembly").Value!);

    public override string Name => "gateway";

    public override PeerCommand Prepare(PeerSetup setup, int port, string folder)
    {
        var objects = Path.Combine(folder, "manifests");
        Directory.CreateDirectory(objects);
        var service = Service(setup, folder);
        Write(objects, "backend.yaml", service);
        foreach (var (index, hosts) in setup.Hosts.Chunk(ObjectsOfFile).Index())
            Write(objects, string.Create(CultureInfo.InvariantCulture, $"routes-{index}.json"), Ingresses(hosts, setup.Backend.Port));
        return Command(port, ["--manifests", objects, "--configmap", "default/gateway"], service + "---\n" + Ingresses([PeerSetup.Host(0)], setup.Backend.Port));
    }

    /// <summary>How it is started on <paramref name="port"/>.</summary>
    /// <param name="port">Its port for plain HTTP.</param>
    /// <param name="source">The options that say where its objects come from.</param>
    /// <param name="configuration">The objects.</param>
    public static PeerCommand Command(int port, IEnumerable<string> source, string configuration) => new(
        Tool.Require("dotnet"),
        [
            Assembly, "run", .. source, "--bind-address", "127.0.0.1",
            "--http-port", port.ToString(CultureInfo.InvariantCulture), "--https-port", "0", "--admin-port", "0", .. Tried,
        ],
        string.Join(' ', Tried.Prepend("# gateway run")) + "\n" + configuration);

    private static string[] Tried =>
        (Environment.GetEnvironmentVariable("GATEWAY_COMPARE_OPTIONS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Service(PeerSetup setup, string folder) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: gateway }
        data: { proxy-body-size: "0", {{(setup.Log == AccessLog.Off ? "disable-access-log: \"true\"" : $"access-log-path: {folder}/access.log")}} }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: backend }
        spec: { externalIPs: ["{{setup.Backend.Address}}"], ports: [{ port: {{setup.Backend.Port}} }] }

        """;

    private static string Ingresses(IEnumerable<string> hosts, int port)
    {
        var text = new StringBuilder();
        foreach (var host in hosts)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $$"""
                {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "{{host}}"}, "spec": {"rules": [{"host": "{{host}}", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "backend", "port": {"number": {{port}} } } } }]} }]} }
                """);
        }
        return text.ToString();
    }
}
