using Gateway.Testing.ApiServer;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Gateway.Kubernetes.Tests.Harness;

/// <summary>What the tests of informers, leasing and status stand on, with either server.</summary>
public sealed class ClusterTests
{
    private const string Objects = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: gateway, namespace: shop}
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: shop}
        spec:
          rules:
          - host: a.example
            http:
              paths:
              - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: gateway}
        rules:
        - {apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [get, list, watch]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: gateway}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: gateway}
        subjects:
        - {kind: ServiceAccount, name: gateway, namespace: shop}
        """;

    [Fact]
    public async Task Objects_are_created_read_replaced_and_deleted_through_the_client()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Objects);

        var ingress = (await cluster.GetAsync<V1Ingress>("shop", "web"))!;
        ingress.Spec.Rules[0].Host = "b.example";
        var replaced = await cluster.ReplaceAsync(ingress);
        await cluster.DeleteAsync<V1Ingress>("shop", "web");

        Assert.Equal((1, "b.example", 2), (ingress.Metadata.Generation, replaced.Spec.Rules[0].Host, replaced.Metadata.Generation));
        Assert.Null(await cluster.GetAsync<V1Ingress>("shop", "web"));
        Assert.NotNull(await cluster.GetAsync<V1ClusterRole>(null, "gateway"));
    }

    [Fact]
    public async Task A_service_account_may_do_what_its_roles_say()
    {
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Rbac = true });
        await cluster.ApplyAsync(Objects);
        using var client = new k8s.Kubernetes(await cluster.ConfigurationOfAsync("shop", "gateway"));

        // A real server learns of new roles a moment later.
        await Wait.UntilAsync(async () =>
        {
            try
            {
                return (await client.NetworkingV1.ListIngressForAllNamespacesAsync(cancellationToken: TestContext.Current.CancellationToken)).Items.Count == 1;
            }
            catch (HttpOperationException)
            {
                return false;
            }
        });
        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ListSecretForAllNamespacesAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains(
            "secrets is forbidden: User \\\"system:serviceaccount:shop:gateway\\\" cannot list resource \\\"secrets\\\" in API group \\\"\\\" at the cluster scope",
            refused.Response.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_can_be_watched_through_the_client()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Objects);

        await foreach (var (type, ingress) in cluster.Client.NetworkingV1.WatchListIngressForAllNamespacesAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Equal((WatchEventType.Added, "web"), (type, ingress.Metadata.Name));
            break;
        }
    }

    [Fact]
    public async Task The_double_speaks_tls_and_is_reached_by_its_kubeconfig()
    {
        await using var api = await ApiServer.StartAsync(new ApiServerOptions { Tls = true, Rbac = true });
        var path = Path.GetTempFileName();
        try
        {
            using var client = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(api.WriteKubeconfig(path)));

            Assert.Equal(["default", "kube-system"], (await client.CoreV1.ListNamespaceAsync(cancellationToken: TestContext.Current.CancellationToken)).Items.Select(ns => ns.Metadata.Name));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
