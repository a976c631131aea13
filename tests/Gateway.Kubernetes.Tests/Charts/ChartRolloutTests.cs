using k8s.Models;

namespace Gateway.Kubernetes.Tests.Charts;

/// <summary>How pods are replaced, stopped and kept.</summary>
public sealed class ChartRolloutTests
{
    [Fact]
    public void A_rollout_starts_the_new_pod_first_and_the_old_one_drains_within_its_grace_period()
    {
        var chart = Chart.Render();
        var rollout = chart.One<V1Deployment>().Spec.Strategy.RollingUpdate;

        Assert.Equal(("1", "0"), (rollout.MaxSurge.Value, rollout.MaxUnavailable.Value));
        Assert.Equal(300, chart.Pod.Spec.TerminationGracePeriodSeconds);
        Assert.Contains("--pre-stop-delay=10s", chart.Container.Args);
        Assert.Contains("--shutdown-timeout=240s", chart.Container.Args);
        Assert.Equal("/readyz", chart.Container.ReadinessProbe.HttpGet.Path);
    }

    [Theory]
    [InlineData("controller.terminationGracePeriodSeconds=60", "10s", "45s")]
    [InlineData("controller.terminationGracePeriodSeconds=11", "10s", "1s")]
    [InlineData("controller.extraArgs.pre-stop-delay=120s", "120s", "175s")]
    [InlineData("controller.extraArgs.pre-stop-delay=2m", "2m", "175s")]
    [InlineData("controller.terminationGracePeriodSeconds=60,controller.extraArgs.pre-stop-delay=1500ms", "1500ms", "53s")]
    [InlineData("controller.extraArgs.pre-stop-delay=100", "100", "195s")]
    [InlineData("controller.terminationGracePeriodSeconds=5,controller.extraArgs.pre-stop-delay=1s", "1s", "1s")]
    [InlineData("controller.terminationGracePeriodSeconds=5,controller.extraArgs.pre-stop-delay=1s,controller.extraArgs.shutdown-timeout=4s", "1s", "4s")]
    public void The_drain_gets_what_the_grace_period_leaves(string values, string delay, string drain)
    {
        var args = Chart.Render("--set", values).Container.Args;

        Assert.Contains($"--pre-stop-delay={delay}", args);
        Assert.Contains($"--shutdown-timeout={drain}", args);
    }

    [Fact]
    public void A_DaemonSet_on_ports_of_the_node_frees_them_before_it_takes_them()
    {
        var chart = Chart.Render("--set", "controller.kind=DaemonSet,controller.hostPort.enabled=true,controller.service.enabled=false");
        var rollout = chart.One<V1DaemonSet>().Spec.UpdateStrategy.RollingUpdate;

        Assert.Equal(("0", "1"), (rollout.MaxSurge.Value, rollout.MaxUnavailable.Value));
        Assert.Equal([80, 443], chart.Container.Ports.Where(p => p.HostPort != null).Select(p => p.HostPort!.Value));
        Assert.Empty(chart.Objects.OfType<V1Service>());
        Assert.Contains("--public-http-port=80", chart.Container.Args);
        Assert.DoesNotContain(chart.Container.Args, a => a.StartsWith("--publish-service", StringComparison.Ordinal));
    }

    [Fact]
    public void One_replica_has_no_disruption_budget_two_have_one()
    {
        Assert.Empty(Chart.Render().Objects.OfType<V1PodDisruptionBudget>());
        Assert.Equal("1", Chart.Render("--set", "controller.replicaCount=2").One<V1PodDisruptionBudget>().Spec.MinAvailable.Value);
    }

    [Theory]
    [InlineData("controller.maxUnavailable=0", null, "0")]
    [InlineData("controller.maxUnavailable=25%", null, "25%")]
    [InlineData("controller.minAvailable=0", "0", null)]
    [InlineData("controller.minAvailable=,controller.maxUnavailable=1", null, "1")]
    public void A_disruption_budget_of_none_is_one(string value, string? minAvailable, string? maxUnavailable)
    {
        var budget = Chart.Render("--set", $"controller.replicaCount=2,{value}").One<V1PodDisruptionBudget>().Spec;

        Assert.Equal((minAvailable, maxUnavailable), (budget.MinAvailable?.Value, budget.MaxUnavailable?.Value));
    }

    [Fact]
    public void On_the_network_of_the_node_a_pod_frees_its_ports_before_the_next_takes_them_and_still_finds_Services()
    {
        var chart = Chart.Render("--set", "controller.hostNetwork=true");
        var rollout = chart.One<V1Deployment>().Spec.Strategy.RollingUpdate;

        Assert.Equal(("0", "1"), (rollout.MaxSurge.Value, rollout.MaxUnavailable.Value));
        Assert.Equal((true, "ClusterFirstWithHostNet"), (chart.Pod.Spec.HostNetwork, chart.Pod.Spec.DnsPolicy));
    }
}
