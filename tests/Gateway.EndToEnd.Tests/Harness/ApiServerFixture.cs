using Gateway.Testing.ApiServer;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>An API server in this process with the IngressClass <c>nginx</c>, and an echo backend behind the Service <c>web</c>.</summary>
public class ApiServerFixture : IAsyncLifetime
{
    private readonly ManifestDirectory _files = new();
    private readonly List<TestBackend> _backends = [];

    internal ApiServer Api { get; private set; } = null!;

    /// <summary>The kubeconfig that gateways are given.</summary>
    internal string Kubeconfig => Path.Combine(_files.Path, "kubeconfig");

    /// <summary>How the API server behaves.</summary>
    internal virtual ApiServerOptions ServerOptions { get; init; } = new() { AllowLoopbackEndpoints = true };

    /// <inheritdoc/>
    public virtual async ValueTask InitializeAsync()
    {
        Api = await ApiServer.StartAsync(ServerOptions);
        Api.WriteKubeconfig(Kubeconfig);
        Api.Apply(ClusterYaml.Class("nginx", "gateway.yarp/ingress-controller"));
        await AddBackendAsync("web", EchoBackend.StartAsync("web"));
        Prepare();
    }

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        foreach (var backend in _backends)
            await backend.DisposeAsync();
        if (Api is not null)
            await Api.DisposeAsync();
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Puts more into the cluster before any gateway starts.</summary>
    protected virtual void Prepare()
    {
    }

    /// <summary>Puts a backend behind a Service of this name, until the end.</summary>
    internal async Task<TestBackend> AddBackendAsync(string service, Task<TestBackend> starting)
    {
        var backend = await starting;
        _backends.Add(backend);
        Api.Apply(ClusterYaml.Service(service, backend.Port));
        return backend;
    }

    /// <summary>Starts a gateway that may dial endpoints on loopback; without waiting.</summary>
    internal GatewayProcess LaunchGateway(string? pod = null, params string[] options) =>
        GatewayProcess.LaunchInCluster(Kubeconfig, pod, ["--allow-local-addresses", .. options]);

    /// <summary>The same, and waits until it serves.</summary>
    internal async Task<GatewayProcess> RunGatewayAsync(string? pod = null, params string[] options)
    {
        var gateway = LaunchGateway(pod, options);
        await gateway.StartedAsync();
        return gateway;
    }
}
