using k8s;
using k8s.Models;

namespace Gateway.Kubernetes.Tests;

/// <summary>What lies in deploy/, read as strictly as an API server with field validation would.</summary>
public sealed class DeployedManifestsTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "deploy");

    public static TheoryData<string> Files => [.. Directory
        .EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Folder, file))];

    private static List<object> Read(string file) =>
        KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(Folder, file)), strict: true);

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_document_has_a_known_kind_and_only_known_fields(string file)
    {
        var objects = Read(file);

        Assert.NotEmpty(objects);
        Assert.All(objects, o => Assert.False(string.IsNullOrEmpty(((IMetadata<V1ObjectMeta>)o).Metadata.Name)));
    }

    [Fact]
    public void An_unknown_field_would_be_noticed() =>
        Assert.ThrowsAny<Exception>(() => KubernetesYaml.LoadAllFromString(
            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {prots: []}", strict: true));

    [Fact]
    public void The_service_leads_to_ports_and_pods_of_the_deployment()
    {
        var objects = Read("gateway.yaml");
        var service = objects.OfType<V1Service>().Single();
        var pod = objects.OfType<V1Deployment>().Single().Spec.Template;
        var container = pod.Spec.Containers.Single();

        Assert.All(service.Spec.Selector, label => Assert.Equal(label.Value, pod.Metadata.Labels[label.Key]));
        Assert.All(service.Spec.Ports, port => Assert.Contains(container.Ports, p => p.Name == port.TargetPort.Value));
        Assert.Contains(container.Ports, p => p.Name == container.ReadinessProbe.HttpGet.Port.Value);
        Assert.Contains(container.Ports, p => p.Name == container.LivenessProbe.HttpGet.Port.Value);
    }

    [Fact]
    public void The_pod_meets_the_restricted_pod_security_standard()
    {
        var pod = Read("gateway.yaml").OfType<V1Deployment>().Single().Spec.Template.Spec;
        var security = pod.Containers.Single().SecurityContext;

        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.False(security.AllowPrivilegeEscalation);
        Assert.True(security.ReadOnlyRootFilesystem);
        Assert.Equal(["ALL"], security.Capabilities.Drop);
    }
}
