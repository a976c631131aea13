using Gateway.Testing.ApiServer;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>
/// An API server in this process, a gateway as a process that is fed by it, and an echo backend behind the Service <c>web</c>:
/// shared by the tests of a class.
/// </summary>
public class ClusterFixture : IAsyncLifetime
{
    private readonly ManifestDirectory _files = new();
    private readonly List<TestBackend> _backends = [];

    internal ApiServer Api { get; private set; } = null!;

    internal GatewayProcess Gateway { get; private set; } = null!;

    /// <summary>HTTP/1.1, without checking certificates or following redirects.</summary>
    internal HttpClient Client { get; private set; } = null!;

    /// <summary>The kubeconfig that the gateway is given.</summary>
    internal string Kubeconfig => Path.Combine(_files.Path, "kubeconfig");

    /// <summary>More options of <c>gateway run</c>.</summary>
    protected virtual string[] Options => [];

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Api = await ApiServer.StartAsync(new ApiServerOptions { AllowLoopbackEndpoints = true });
        Api.WriteKubeconfig(Kubeconfig);
        Api.Apply(ClusterYaml.Class("nginx", "gateway.yarp/ingress-controller"));
        await AddBackendAsync("web", EchoBackend.StartAsync("web"));
        Prepare();
        Gateway = await GatewayProcess.RunInClusterAsync(Kubeconfig, Options);
        Client = GatewayHttp.Client(Gateway);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Gateway is not null)
            await Gateway.DisposeAsync();
        foreach (var backend in _backends)
            await backend.DisposeAsync();
        if (Api is not null)
            await Api.DisposeAsync();
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Puts more into the cluster before the gateway starts.</summary>
    protected virtual void Prepare()
    {
    }

    /// <summary>Puts a backend behind a Service of this name, until the end of the class.</summary>
    internal async Task AddBackendAsync(string service, Task<TestBackend> starting)
    {
        var backend = await starting;
        _backends.Add(backend);
        Api.Apply(ClusterYaml.Service(service, backend.Port));
    }

    /// <summary>GETs a URL: of whatever host, from this gateway.</summary>
    internal Task<Answer> GetAsync(string url, params (string Name, string Value)[] fields) => Client.AskAsync(url, fields);

    /// <summary>Polls a URL until the answer is as wanted.</summary>
    internal Task<Answer> BecomesAsync(string url, Func<Answer, bool> wanted) => Eventually.IsAsync(() => GetAsync(url), wanted);
}

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
}
