using Gateway.Testing.ApiServer;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Gateway.Kubernetes.Tests.Harness;

/// <summary>
/// An API server for one test: the in-process double, or, when the environment variable KUBEBUILDER_ASSETS names a folder
/// with etcd and kube-apiserver (the convention of Kubernetes' envtest), those. All objects go through the API.
/// </summary>
internal abstract class Cluster : IAsyncDisposable
{
    private readonly Lazy<k8s.Kubernetes> _client;

    protected Cluster() => _client = new(() => new k8s.Kubernetes(Configuration));

    /// <summary>The double; null when the server is a real one.</summary>
    public virtual ApiServer? Double => null;

    /// <summary>Address and credentials of an administrator.</summary>
    public abstract KubernetesClientConfiguration Configuration { get; }

    /// <summary>A client with an administrator's rights.</summary>
    public IKubernetes Client => _client.Value;

    /// <param name="options">How the double behaves; a real server knows none of it, and always checks RBAC.</param>
    public static async Task<Cluster> StartAsync(ApiServerOptions? options = null) =>
        Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } assets
            ? await RealCluster.StartAsync(assets)
            : new DoubleCluster(await ApiServer.StartAsync(options));

    /// <summary>The double, for tests that need its faults; skips the test when the server is a real one.</summary>
    public ApiServer RequireDouble()
    {
        Assert.SkipWhen(Double is null, "This test switches faults of the in-process API server on");
        return Double!;
    }

    /// <summary>The address, with a token of a service account instead of an administrator's credentials.</summary>
    public async Task<KubernetesClientConfiguration> ConfigurationOfAsync(string ns, string serviceAccount)
    {
        var configuration = Configuration;
        configuration.AccessToken = await TokenAsync(ns, serviceAccount);
        return configuration;
    }

    /// <summary>Creates the objects of a YAML text, in order; a namespace that exists already is left alone.</summary>
    public async Task ApplyAsync(string yaml)
    {
        foreach (dynamic obj in KubernetesYaml.LoadAllFromString(yaml))
            await CreateAsync(obj);
    }

    public async Task<T> CreateAsync<T>(T obj) where T : IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return obj.Metadata.NamespaceProperty is { } ns
                ? await Of<T>().CreateNamespacedAsync(obj, ns, TestContext.Current.CancellationToken)
                : await Of<T>().CreateAsync(obj, TestContext.Current.CancellationToken);
        }
        catch (HttpOperationException e) when (obj is V1Namespace && (int)e.Response.StatusCode == 409)
        {
            return obj;
        }
    }

    /// <returns>Null if there is no such object.</returns>
    public async Task<T?> GetAsync<T>(string? ns, string name) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return ns is null
                ? await Of<T>().ReadAsync<T>(name, TestContext.Current.CancellationToken)
                : await Of<T>().ReadNamespacedAsync<T>(ns, name, TestContext.Current.CancellationToken);
        }
        catch (HttpOperationException e) when ((int)e.Response.StatusCode == 404)
        {
            return null;
        }
    }

    public Task<T> ReplaceAsync<T>(T obj) where T : IKubernetesObject<V1ObjectMeta> => obj.Metadata.NamespaceProperty is { } ns
        ? Of<T>().ReplaceNamespacedAsync(obj, ns, obj.Metadata.Name, TestContext.Current.CancellationToken)
        : Of<T>().ReplaceAsync(obj, obj.Metadata.Name, TestContext.Current.CancellationToken);

    public Task DeleteAsync<T>(string? ns, string name) where T : IKubernetesObject<V1ObjectMeta> => ns is null
        ? Of<T>().DeleteAsync<V1Status>(name, TestContext.Current.CancellationToken)
        : Of<T>().DeleteNamespacedAsync<V1Status>(ns, name, TestContext.Current.CancellationToken);

    public virtual ValueTask DisposeAsync()
    {
        if (_client.IsValueCreated)
            _client.Value.Dispose();
        return ValueTask.CompletedTask;
    }

    protected abstract Task<string> TokenAsync(string ns, string serviceAccount);

    private GenericClient Of<T>()
    {
        var type = typeof(T).GetKubernetesTypeMetadata();
        return new GenericClient(Client, type.Group, type.ApiVersion, type.PluralName, disposeClient: false);
    }
}
