using Gateway.Testing.ApiServer;
using k8s;

namespace Gateway.Kubernetes.Tests.Harness;

/// <summary>The in-process API server.</summary>
internal sealed class DoubleCluster(ApiServer api) : Cluster
{
    public override ApiServer Double => api;

    public override KubernetesClientConfiguration Configuration => new() { Host = api.Address.ToString(), AccessToken = "admin", SkipTlsVerify = true };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await api.DisposeAsync();
    }

    protected override Task<string> TokenAsync(string ns, string serviceAccount) => Task.FromResult(api.CreateToken(ns, serviceAccount));
}
