using Gateway.CommandLine;
using k8s;
using k8s.Models;

namespace Gateway.Tests.CommandLine;

/// <summary>The arguments of the Deployment in deploy/, read by the program's own command line.</summary>
public sealed class DeployedArgumentsTests
{
    private static readonly V1Container Container = KubernetesYaml
        .LoadAllFromString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "deploy", "gateway.yaml")))
        .OfType<V1Deployment>().Single().Spec.Template.Spec.Containers.Single();

    [Fact]
    public void The_program_understands_every_argument() => Assert.Empty(GatewayCommand.Parse([.. Container.Args]).Errors);

    [Theory]
    [InlineData("http", "--http-port")]
    [InlineData("https", "--https-port")]
    [InlineData("admin", "--admin-port")]
    public void The_program_listens_on_the_ports_of_the_container(string port, string option) =>
        Assert.Equal(Container.Ports.Single(p => p.Name == port).ContainerPort, GatewayCommand.Parse([.. Container.Args]).GetValue<int>(option));
}
