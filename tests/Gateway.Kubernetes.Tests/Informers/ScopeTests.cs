using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Informers;
using Gateway.Kubernetes.Tests.Harness;
using Gateway.Testing.ApiServer;
using k8s.Models;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>Gateways that see only a part of the cluster.</summary>
public sealed class ScopeTests
{
    private const string RoleInOneNamespace = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: gateway, namespace: demo}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: gateway, namespace: demo}
        rules:
        - {apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [get, list, watch]}
        - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [get, list, watch]}
        - {apiGroups: [""], resources: [services, secrets, configmaps], verbs: [get, list, watch]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: gateway, namespace: demo}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gateway}
        subjects:
        - {kind: ServiceAccount, name: gateway, namespace: demo}
        """;

    private static readonly KubernetesSourceOptions OnlyDemo = new() { WatchNamespace = "demo", Translation = new() { ConfigMap = new ObjectName("demo", "settings") } };

    [Fact]
    public async Task One_namespace_needs_no_right_on_the_whole_cluster()
    {
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Rbac = true });
        await cluster.ApplyAsync(Yaml.All(
            Yaml.Namespace("demo"), Yaml.Namespace("other"), RoleInOneNamespace,
            Yaml.Ingress("web", secret: "tls"), Yaml.Service("web"), Yaml.Slice("web-1", "web", "10.0.0.1"), Yaml.Secret("tls"), Yaml.ConfigMap("settings"),
            Yaml.Ingress("web", "other"), Yaml.Service("web", "other")));
        var account = await cluster.ConfigurationOfAsync("demo", "gateway");
        await using var source = RunningSource.Start(() => account, OnlyDemo);

        // A real server learns of new roles a moment later.
        await source.UntilAsync(() => source.IsSynced, timeout: TimeSpan.FromSeconds(60));
        Assert.Equal(
            ["ConfigMap demo/settings", "EndpointSlice demo/web-1", "Ingress demo/web", "Secret demo/tls", "Service demo/web"],
            source.Objects.Keys.Select(key => key.ToString()).Order(StringComparer.Ordinal));

        var diagnostic = Assert.Single(source.Diagnostics);
        Assert.Equal(DiagnosticSeverity.Warning, diagnostic.Severity);
        Assert.StartsWith(
            "system:serviceaccount:demo:gateway may not list ingressclasses in the whole cluster, so it cannot know which classes are its own", diagnostic.Problem, StringComparison.Ordinal);
        Assert.Equal("Give it, by a ClusterRole, the verbs get, list and watch for the resource ingressclasses of the API group networking.k8s.io", diagnostic.Remedy);
        if (cluster.Double is { } api)
        {
            Assert.All(api.Calls.Where(call => call.UserAgent.StartsWith("gateway/", StringComparison.Ordinal) && call.Resource != "ingressclasses"),
                call => Assert.Equal(("demo", 200), (call.Namespace, call.Status)));
        }
    }

    [Fact]
    public async Task Secrets_of_some_namespaces_only_are_asked_for_and_each_list_speaks_for_its_own()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Yaml.All(
            Yaml.Namespace("demo"), Yaml.Namespace("other"), Yaml.Namespace("third"),
            Yaml.Ingress("web", secret: "tls"), Yaml.Ingress("web", "other", secret: "tls"), Yaml.Ingress("web", "third", secret: "tls"),
            Yaml.Secret("tls"), Yaml.Secret("tls", ns: "other"), Yaml.Secret("tls", ns: "third")));
        await using var source = RunningSource.Start(
            () => cluster.Configuration, new KubernetesSourceOptions { SecretNamespaces = ["demo", "other"], ResyncPeriod = TimeSpan.FromMilliseconds(200) });

        await source.UntilAsync(() => source.IsSynced);
        await source.UntilAsync(() => source.Source.Status.Kinds.All(kind => kind.Lists > 3));

        Assert.Equal(
            ["Secret demo/tls", "Secret other/tls"],
            source.Objects.Keys.Where(key => key.Kind == ResourceKind.Secret).Select(key => key.ToString()).Order(StringComparer.Ordinal));
        Assert.All(source.Source.Status.Kinds, kind => Assert.Equal(0, kind.Repairs));
        if (cluster.Double is { } api)
            Assert.Equal(["demo", "other"], api.Calls.Where(call => call.Resource == "secrets" && call.Verb == "list").Select(call => call.Namespace).Distinct().Order());
    }

    [Fact]
    public async Task A_gateway_that_may_not_read_Ingresses_does_not_call_itself_ready()
    {
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Rbac = true });
        await cluster.ApplyAsync(Yaml.All(Yaml.Namespace("demo"), RoleInOneNamespace));
        var account = await cluster.ConfigurationOfAsync("demo", "gateway");
        await using var source = RunningSource.Start(() => account);

        await source.UntilAsync(() => source.Diagnostics.Count(d => d.Severity == DiagnosticSeverity.Error) == 3);
        Assert.Contains(source.Diagnostics, diagnostic => diagnostic.Problem.EndsWith("may not list ingresses in the whole cluster, so the gateway has nothing to serve and waits", StringComparison.Ordinal));
        Assert.False(source.IsSynced);
    }

    [Fact]
    public async Task Namespaces_count_while_their_labels_match_the_selector()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Yaml.All(
            Yaml.Namespace("inside", "tier: front"), Yaml.Namespace("outside", "tier: back"),
            Yaml.Ingress("web", "inside", secret: "tls"), Yaml.Secret("tls", ns: "inside"),
            Yaml.Ingress("web", "outside", secret: "tls"), Yaml.Secret("tls", ns: "outside")));
        await using var source = await RunningSource.StartSyncedAsync(cluster, new KubernetesSourceOptions { NamespaceSelector = "tier in (front, edge)" });

        Assert.NotNull(source.Ingress("web", "inside"));
        Assert.NotNull(source.Secret("tls", "inside"));
        Assert.Null(source.Ingress("web", "outside"));
        Assert.Null(source.Secret("tls", "outside"));

        await LabelAsync("outside", "edge");
        await source.UntilAsync(() => source.Ingress("web", "outside") is not null && source.Secret("tls", "outside") is not null);
        await LabelAsync("inside", "back");
        await source.UntilAsync(() => source.Ingress("web", "inside") is null && source.Secret("tls", "inside") is null);

        async Task LabelAsync(string name, string tier)
        {
            var ns = (await cluster.GetAsync<V1Namespace>(null, name))!;
            ns.Metadata.Labels["tier"] = tier;
            await cluster.ReplaceAsync(ns);
        }
    }
}
