using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Models;

namespace Gateway.Kubernetes.Tests.Charts;

/// <summary>What the chart's RBAC lets the gateway do.</summary>
public sealed class ChartAccessTests
{
    private static AccessRule Secrets(string verb, string? ns = null, string? name = null) => new("", "secrets", null, verb, ns, name);

    [Fact]
    public void By_default_it_reads_what_it_serves_and_writes_status_events_and_its_Lease()
    {
        string[] read = ["get", "list", "watch"];
        HashSet<AccessRule> expected =
        [
            .. read.Select(verb => new AccessRule("networking.k8s.io", "ingressclasses", null, verb)),
            .. read.Select(verb => new AccessRule("networking.k8s.io", "ingresses", null, verb)),
            .. read.Select(verb => new AccessRule("", "services", null, verb)),
            .. read.Select(verb => new AccessRule("discovery.k8s.io", "endpointslices", null, verb)),
            .. read.Select(verb => Secrets(verb)),
            .. read.Select(verb => new AccessRule("", "configmaps", null, verb, "system", "gateway")),
            new("networking.k8s.io", "ingresses", "status", "patch"),
            new("", "pods", null, "get", "system"),
            new("", "pods", null, "list", "system"),
            new("events.k8s.io", "events", null, "create"),
            new("events.k8s.io", "events", null, "patch"),
            new("coordination.k8s.io", "leases", null, "create", "system"),
            new("coordination.k8s.io", "leases", null, "get", "system", "gateway-election"),
            new("coordination.k8s.io", "leases", null, "update", "system", "gateway-election"),
        ];

        Assert.Equivalent(expected, Chart.Render().Access, strict: true);
    }

    [Fact]
    public void One_namespace_needs_nothing_but_Roles()
    {
        var chart = Chart.Render("--set", "controller.scope.enabled=true,controller.scope.namespace=shop");

        Assert.Empty(chart.Objects.OfType<V1ClusterRole>());
        Assert.Empty(chart.Objects.OfType<V1ClusterRoleBinding>());
        Assert.All(chart.Access, rule => Assert.NotNull(rule.Namespace));
        Assert.Contains(Secrets("list", "shop"), chart.Access);
        Assert.DoesNotContain(chart.Access, rule => rule.Resource == "secrets" && rule.Namespace != "shop");
        Assert.Contains(chart.Access, rule => rule.Covers(new("", "services", null, "get", "system", "gateway")));
        // On Ingresses there, and on what lies beside the gateway: the ConfigMap, say.
        Assert.Equal(["shop", "system"], chart.Access.Where(rule => rule is { Resource: "events", Verb: "create" }).Select(rule => rule.Namespace).Order());
        Assert.Contains("--watch-namespace=shop", chart.Container.Args);
        Assert.Contains("--ingress-class=gateway", chart.Container.Args);
    }

    [Fact]
    public void One_namespace_with_IngressClasses_has_a_ClusterRole_for_these_alone()
    {
        var access = Chart.Render("--set", "controller.scope.enabled=true,rbac.scope=false").Access;

        Assert.All(access.Where(rule => rule.Namespace is null), rule => Assert.Equal("ingressclasses", rule.Resource));
        Assert.Contains(new("networking.k8s.io", "ingressclasses", null, "watch"), access);
    }

    [Fact]
    public void Secrets_can_be_narrowed_to_namespaces()
    {
        var chart = Chart.Render("--set", "rbac.secretNamespaces={shop,pay}");

        Assert.Equal(["pay", "shop"], chart.Access.Where(rule => rule.Resource == "secrets").Select(rule => rule.Namespace).Distinct().Order());
        Assert.Contains("--secret-namespaces=shop,pay", chart.Container.Args);
    }

    [Fact]
    public void Namespaces_are_read_only_where_a_selector_needs_them()
    {
        AccessRule watch = new("", "namespaces", null, "watch");

        Assert.Contains(watch, Chart.Render("--set", "controller.scope.namespaceSelector=team=shop").Access);
        Assert.DoesNotContain(watch, Chart.Render().Access);
    }

    [Theory]
    [InlineData("controller.service.enabled=false", true)]
    [InlineData("controller.publishService.enabled=false", true)]
    [InlineData("controller.publishService.enabled=false,controller.extraArgs.publish-status-address=192.0.2.1", false)]
    [InlineData("controller.service.enabled=false,controller.extraArgs.update-status=false", false)]
    [InlineData("controller.service.type=NodePort", false)]
    public void Nodes_are_read_only_where_the_status_names_them(string values, bool read) =>
        Assert.Equal(read, Chart.Render("--set", values).Access.Contains(new("", "nodes", null, "get")));

    [Fact]
    public void Status_is_patched_and_pods_are_read_only_where_status_is_written() =>
        Assert.DoesNotContain(Chart.Render("--set", "controller.extraArgs.update-status=false").Access, rule => rule.Subresource == "status" || rule.Resource == "pods");

    [Fact]
    public void The_webhook_adds_its_own_Secret_and_configuration_and_nothing_else()
    {
        HashSet<AccessRule> expected =
        [
            Secrets("create", "system"),
            Secrets("get", "system", "gateway-admission"),
            Secrets("update", "system", "gateway-admission"),
            new("admissionregistration.k8s.io", "validatingwebhookconfigurations", null, "get", null, "gateway-admission"),
            new("admissionregistration.k8s.io", "validatingwebhookconfigurations", null, "patch", null, "gateway-admission"),
        ];

        Assert.Equivalent(expected, Chart.Render("--set", "controller.admissionWebhooks.enabled=true").Access.Except(Chart.Render().Access), strict: true);
    }

    [Fact]
    public void Without_cluster_permissions_the_webhook_has_a_certificate_of_Helm_that_the_API_server_trusts()
    {
        var chart = Chart.Render(Chart.Sample("scope-values.yaml"));
        var secret = chart.One<V1Secret>().Data;
        var webhook = chart.One<V1ValidatingWebhookConfiguration>().Webhooks.Single();
        var service = webhook.ClientConfig.Service;
        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(secret["tls.crt"]), Encoding.ASCII.GetString(secret["tls.key"]));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString(webhook.ClientConfig.CaBundle));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;

        Assert.True(chain.Build(certificate));
        Assert.True(certificate.MatchesHostname($"{service.Name}.{service.NamespaceProperty}.svc"));
        Assert.Equal("shop", webhook.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]);
        Assert.DoesNotContain(chart.Access, rule => rule.Resource == "secrets" && rule.Verb is "create" or "update");
        Assert.DoesNotContain(chart.Container.Args, a => a.StartsWith("--validating-webhook-configuration", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_upgrade_keeps_the_certificate_of_Helm()
    {
        var installed = Chart.Render(Chart.Sample("scope-values.yaml"));
        await using var cluster = await ClusterWithSecret.StartAsync(installed.Objects.Cast<IKubernetesObject<V1ObjectMeta>>(), installed.One<V1Secret>());

        var upgraded = Chart.Render([.. Chart.Sample("scope-values.yaml"), .. cluster.Arguments]);

        Assert.Equal(installed.One<V1Secret>().Data, upgraded.One<V1Secret>().Data);
        Assert.Equal(installed.One<V1Secret>().Data["ca.crt"], upgraded.One<V1ValidatingWebhookConfiguration>().Webhooks.Single().ClientConfig.CaBundle);
    }

    [Fact]
    public void No_RBAC_is_made_where_somebody_else_makes_it()
    {
        var chart = Chart.Render("--set", "rbac.create=false,serviceAccount.create=false,serviceAccount.name=edge");

        Assert.Empty(chart.Access);
        Assert.Empty(chart.Objects.OfType<V1ServiceAccount>());
        Assert.Equal("edge", chart.Pod.Spec.ServiceAccountName);
    }
}
