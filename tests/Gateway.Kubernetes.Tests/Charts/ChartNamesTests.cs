using k8s.Models;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gateway.Kubernetes.Tests.Charts;

/// <summary>What the chart's objects are called, whatever the names it is given.</summary>
public sealed class ChartNamesTests
{
    [Theory]
    [InlineData("release", "")]
    [InlineData("gateway", "")]
    [InlineData("release", "edge")]
    public void The_longest_names_have_Services_that_an_API_server_takes(string release, string fullname)
    {
        (release, fullname) = (release.PadRight(53, 'r'), fullname.PadRight(fullname.Length > 0 ? 63 : 0, 'e'));

        var services = Chart.RenderAs(release, "--set", $"fullnameOverride={fullname}", "--set", "controller.metrics.enabled=true,controller.service.internal.enabled=true,controller.admissionWebhooks.enabled=true")
            .Objects.OfType<V1Service>().Select(s => s.Metadata.Name).ToList();

        Assert.Equal(4, services.Distinct().Count());
        Assert.All(services, name => Assert.InRange(name.Length, 53, 63));
    }

    [Theory]
    [InlineData("A_B")]
    [InlineData("a.b")]
    [InlineData("1st")]
    [InlineData("-a")]
    public void A_name_that_no_Service_can_have_is_refused(string name) =>
        Assert.Contains($"called \"{name}\"", Chart.RefusalOf("--set-string", $"fullnameOverride={name}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("rbac.scope=true")]
    [InlineData("rbac.scope=false")]
    [InlineData("controller.kind=DaemonSet")]
    [InlineData("controller.autoscaling.enabled=true")]
    public void Names_that_YAML_would_take_for_something_else_stay_names(string values)
    {
        var text = Chart.TextOf(
            "123", "--namespace", "456", "--set", values,
            "--set", "controller.scope.enabled=true,controller.metrics.enabled=true,controller.metrics.serviceMonitor.enabled=true,controller.admissionWebhooks.enabled=true",
            "--set-string", "fullnameOverride=on,nameOverride=off,controller.scope.namespace=789,rbac.secretNamespaces={987},serviceAccount.name=null,test.image=0o7",
            "--set-string", "controller.ingressClassResource.name=yes,controller.ingressClassResource.controllerValue=0x1,controller.metrics.portName=no",
            "--set-string", "controller.electionID=1e3,controller.config.0x2=1e4");
        HashSet<string> names = ["123", "456", "on", "off", "789", "987", "null", "0o7", "yes", "0x1", "no", "1e3", "0x2", "1e4"];
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));

        var scalars = yaml.Documents.SelectMany(document => document.AllNodes).OfType<YamlScalarNode>().Where(node => names.Contains(node.Value!)).ToList();

        Assert.Equal(names, scalars.Select(node => node.Value!).ToHashSet());
        Assert.All(scalars, node => Assert.True(node.Style != ScalarStyle.Plain, $"{node.Value} of line {node.Start.Line} is not quoted"));
    }

    [Fact]
    public void An_alias_that_is_the_class_itself_is_not_made_twice() =>
        Assert.Equal(["gateway", "public"], Chart.Render("--set", "controller.ingressClassResource.aliases={gateway,public,public}")
            .Objects.OfType<V1IngressClass>().Select(c => c.Metadata.Name).Order());
}
