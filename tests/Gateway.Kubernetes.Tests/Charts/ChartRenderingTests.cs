using k8s;
using k8s.Models;

namespace Gateway.Kubernetes.Tests.Charts;

/// <summary>What the chart installs, by the values given.</summary>
public sealed class ChartRenderingTests
{
    public static TheoryData<string> Samples => [.. Chart.Samples];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_object_of_a_sample_has_a_known_kind_only_known_fields_and_an_unshared_name(string sample)
    {
        var objects = Chart.Render(Chart.Sample(sample)).Objects.Cast<IKubernetesObject<V1ObjectMeta>>();

        Assert.Distinct(objects.Select(o => (o.Kind, o.Metadata.NamespaceProperty, o.Metadata.Name)));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Selectors_meet_the_pods_of_the_gateway_and_no_others(string sample)
    {
        var chart = Chart.Render(Chart.Sample(sample));
        var selectors = chart.Objects.OfType<V1Service>().Select(s => s.Spec.Selector)
            .Concat(chart.Objects.OfType<V1NetworkPolicy>().Select(p => p.Spec.PodSelector.MatchLabels))
            .Concat(chart.Objects.OfType<V1PodDisruptionBudget>().Select(p => p.Spec.Selector.MatchLabels))
            .Concat(chart.Objects.OfType<V1Deployment>().Select(d => d.Spec.Selector.MatchLabels))
            .Concat(chart.Objects.OfType<V1DaemonSet>().Select(d => d.Spec.Selector.MatchLabels)).ToList();

        Assert.All(selectors, selector => Assert.True(Selects(selector, chart.Pod.Metadata.Labels)));
        Assert.All(chart.Objects.OfType<V1Pod>(), test => Assert.DoesNotContain(selectors, selector => Selects(selector, test.Metadata.Labels)));

        static bool Selects(IDictionary<string, string> selector, IDictionary<string, string> labels) =>
            selector.All(s => labels.TryGetValue(s.Key, out var value) && value == s.Value);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Named_ports_are_ports_of_the_container(string sample)
    {
        var chart = Chart.Render(Chart.Sample(sample));
        var names = chart.Objects.OfType<V1Service>().SelectMany(s => s.Spec.Ports).Select(p => p.TargetPort)
            .Concat(chart.Objects.OfType<V1NetworkPolicy>().SelectMany(p => p.Spec.Ingress).SelectMany(i => i.Ports).Select(p => p.Port));

        Assert.All(names, port => Assert.Contains(chart.Container.Ports, p => p.Name == port.Value));
    }

    [Fact]
    public void Pods_of_two_versions_carry_the_same_labels() =>
        Assert.DoesNotContain(Chart.Render().Pod.Metadata.Labels, label => label.Key is "helm.sh/chart" or "app.kubernetes.io/version");

    [Fact]
    public void The_gateway_knows_its_pod_and_the_port_that_clients_see()
    {
        var container = Chart.Render().Container;

        Assert.Equal("metadata.name", container.Env.Single(e => e.Name == "POD_NAME").ValueFrom.FieldRef.FieldPath);
        Assert.Equal("metadata.namespace", container.Env.Single(e => e.Name == "POD_NAMESPACE").ValueFrom.FieldRef.FieldPath);
        Assert.Contains("--public-http-port=80", container.Args);
    }

    [Fact]
    public void Flags_may_be_overridden_repeated_and_bare()
    {
        var args = Chart.Render("--set", "controller.extraArgs.pre-stop-delay=20s,controller.extraArgs.take-over=",
            "--set", "controller.extraArgs.admin-allow-cidr={10.0.0.0/8,192.0.2.0/24}").Container.Args;

        Assert.Equal("--pre-stop-delay=20s", args.Single(a => a.StartsWith("--pre-stop-delay", StringComparison.Ordinal)));
        Assert.Contains("--take-over", args);
        Assert.Equal(2, args.Count(a => a.StartsWith("--admin-allow-cidr=", StringComparison.Ordinal)));
    }

    [Fact]
    public void Settings_reach_the_ConfigMap_as_they_were_written()
    {
        var chart = Chart.Render(Chart.Sample("workload-values.yaml"));
        var settings = chart.One<V1ConfigMap>();

        Assert.Equal(("8m", "false", "31536000"), (settings.Data["proxy-body-size"], settings.Data["hsts"], settings.Data["hsts-max-age"]));
        Assert.Contains($"--configmap={settings.Metadata.NamespaceProperty}/{settings.Metadata.Name}", chart.Container.Args);
    }

    [Fact]
    public void Security_can_be_changed_field_by_field()
    {
        var chart = Chart.Render(Chart.Sample("workload-values.yaml"));

        Assert.Equal((true, 1000650000, 2000), (chart.Pod.Spec.SecurityContext.RunAsNonRoot, chart.Pod.Spec.SecurityContext.RunAsUser, chart.Pod.Spec.SecurityContext.FsGroup));
        Assert.Equal((false, false), (chart.Container.SecurityContext.ReadOnlyRootFilesystem, chart.Container.SecurityContext.AllowPrivilegeEscalation));
        Assert.Equal(["ALL"], chart.Container.SecurityContext.Capabilities.Drop);
    }

    [Fact]
    public void On_the_network_of_the_node_ports_of_the_node_are_those_of_the_container() =>
        Assert.Equal([8080, 8443], Chart.Render("--set", "controller.hostNetwork=true,controller.hostPort.enabled=true,controller.hostPort.ports.http=8080,controller.hostPort.ports.https=8443")
            .Container.Ports.Where(port => port.HostPort != null).Select(port => port.HostPort!.Value));

    [Fact]
    public void An_image_can_be_named_by_its_digest() =>
        Assert.Equal($"registry.example.com/platform/gateway@sha256:{new string('0', 64)}", Chart.Render(Chart.Sample("workload-values.yaml")).Container.Image);

    [Fact]
    public void Autoscaling_owns_the_number_of_replicas()
    {
        var chart = Chart.Render(Chart.Sample("scaling-values.yaml"));

        Assert.Null(chart.One<V1Deployment>().Spec.Replicas);
        Assert.Equal(["Resource", "Resource", "Pods"], chart.One<V2HorizontalPodAutoscaler>().Spec.Metrics.Select(m => m.Type));
        Assert.Equal("50%", chart.One<V1PodDisruptionBudget>().Spec.MinAvailable.Value);
    }

    [Fact]
    public void The_monitor_scrapes_the_port_of_the_metrics_Service()
    {
        var chart = Chart.Render(Chart.Sample("scaling-values.yaml"));
        var service = chart.One<V1Service>("gateway-metrics");
        var monitor = chart.One<ServiceMonitor>();

        Assert.Contains(service.Spec.Ports, p => p.Name == monitor.Spec.Endpoints.Single().Port);
        Assert.All(monitor.Spec.Selector.MatchLabels, label => Assert.Equal(label.Value, service.Metadata.Labels[label.Key]));
        Assert.Equal(1_000_000, monitor.Spec.SampleLimit);
    }

    [Fact]
    public void A_monitor_without_an_interval_has_that_of_Prometheus() =>
        Assert.Null(Chart.Render([.. Chart.Sample("scaling-values.yaml"), "--set", "controller.metrics.serviceMonitor.scrapeInterval="])
            .One<ServiceMonitor>().Spec.Endpoints.Single().Interval);

    [Fact]
    public void The_network_policy_opens_traffic_to_all_metrics_and_the_webhook_to_those_named()
    {
        var rules = Chart.Render(Chart.Sample("scaling-values.yaml")).One<V1NetworkPolicy>().Spec.Ingress;

        Assert.Null(rules.Single(r => r.Ports.Any(p => p.Port.Value == "http")).FromProperty);
        Assert.NotNull(rules.Single(r => r.Ports.Any(p => p.Port.Value == "admin")).FromProperty.Single().NamespaceSelector);
        Assert.Equal("192.0.2.10/32", rules.Single(r => r.Ports.Any(p => p.Port.Value == "webhook")).FromProperty.Single().IpBlock.Cidr);
    }

    [Fact]
    public void The_class_of_ingress_nginx_is_shipped_on_demand_and_outlives_the_release()
    {
        Assert.Equal("gateway", Chart.Render().One<V1IngressClass>().Metadata.Name);

        var chart = Chart.Render(Chart.Sample("classes-values.yaml"));
        var nginx = chart.One<V1IngressClass>("nginx");
        Assert.Equal("k8s.io/ingress-nginx", nginx.Spec.Controller);
        Assert.Equal("keep", nginx.Metadata.Annotations["helm.sh/resource-policy"]);
        Assert.Equal(["edge", "nginx"], chart.Objects.OfType<V1IngressClass>()
            .Where(c => c.Metadata.Annotations?.ContainsKey("ingressclass.kubernetes.io/is-default-class") == true).Select(c => c.Metadata.Name).Order());
        Assert.Contains("--controller-class=example.com/edge", chart.Container.Args);
        Assert.Contains("--controller-class=k8s.io/ingress-nginx", chart.Container.Args);
        Assert.Contains("--take-over=true", chart.Container.Args);
    }

    [Fact]
    public void Only_the_class_is_named_nothing_is_taken_over_by_default() =>
        Assert.DoesNotContain(Chart.Render().Container.Args, a => a.StartsWith("--take-over", StringComparison.Ordinal) || a.StartsWith("--controller-class", StringComparison.Ordinal));

    [Fact]
    public void The_second_Service_takes_from_the_first_what_it_does_not_say_itself()
    {
        var chart = Chart.Render(Chart.Sample("service-values.yaml"));
        var (outer, inner) = (chart.One<V1Service>("gateway"), chart.One<V1Service>("gateway-internal"));

        Assert.Equal(("LoadBalancer", "ClusterIP"), (outer.Spec.Type, inner.Spec.Type));
        Assert.Equal([8000, 8400], outer.Spec.Ports.Select(p => p.Port));
        Assert.Equal([8400], inner.Spec.Ports.Select(p => p.Port));
        Assert.False(outer.Spec.AllocateLoadBalancerNodePorts);
        Assert.Contains("--publish-service=front/balancer", chart.Container.Args);
    }

    [Fact]
    public void A_label_is_that_of_both_Services_or_of_one()
    {
        var chart = Chart.Render(Chart.Sample("service-values.yaml"));
        var (outer, inner) = (chart.One<V1Service>("gateway").Metadata.Labels, chart.One<V1Service>("gateway-internal").Metadata.Labels);

        Assert.Equal(("true", "external"), (outer["exposed"], outer["side"]));
        Assert.Equal(("true", "internal"), (inner["exposed"], inner["side"]));
    }

    [Fact]
    public void What_is_switched_off_is_not_there()
    {
        var chart = Chart.Render(Chart.Sample("minimal-values.yaml"));

        Assert.Equal(["ServiceAccount", "ConfigMap", "Service", "Deployment"], chart.Objects.Cast<IKubernetesObject>().Select(o => o.Kind));
        Assert.Contains("--publish-service=system/gateway-edge-internal", chart.Container.Args);
        Assert.Equal("registry.example.com/gateway:1.0", chart.Container.Image);
    }

    [Fact]
    public void The_webhook_is_off_by_default_and_never_in_the_way_of_Ingresses()
    {
        Assert.Empty(Chart.Render().Objects.OfType<V1ValidatingWebhookConfiguration>());

        var chart = Chart.Render("--set", "controller.admissionWebhooks.enabled=true");
        var webhook = chart.One<V1ValidatingWebhookConfiguration>().Webhooks.Single();
        Assert.Equal(("Ignore", "None"), (webhook.FailurePolicy, webhook.SideEffects));
        Assert.Equal(["ingresses"], webhook.Rules.Single().Resources);

        var service = chart.One<V1Service>(webhook.ClientConfig.Service.Name);
        Assert.Equal(webhook.ClientConfig.Service.Port, service.Spec.Ports.Single().Port);
        Assert.Equal(8444, chart.Container.Ports.Single(p => p.Name == service.Spec.Ports.Single().TargetPort.Value).ContainerPort);
        Assert.Contains("--validating-webhook-port=8444", chart.Container.Args);
        Assert.Contains("--validating-webhook-secret=gateway-admission", chart.Container.Args);
        Assert.Contains("--validating-webhook-configuration=gateway-admission", chart.Container.Args);
        // The leader makes the certificate.
        Assert.Null(webhook.ClientConfig.CaBundle);
        Assert.Empty(chart.Objects.OfType<V1Secret>());
    }

    [Fact]
    public void Every_pod_meets_the_restricted_pod_security_standard()
    {
        var chart = Chart.Render();

        Assert.All(chart.Objects.OfType<V1Pod>().Select(p => p.Spec).Append(chart.Pod.Spec), pod =>
        {
            var security = pod.Containers.Single().SecurityContext;
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.False(security.AllowPrivilegeEscalation);
            Assert.True(security.ReadOnlyRootFilesystem);
            Assert.Equal(["ALL"], security.Capabilities.Drop);
        });
    }
}
