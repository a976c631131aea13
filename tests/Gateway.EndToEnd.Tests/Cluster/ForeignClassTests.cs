using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>Ingresses that pass to another controller, and come back.</summary>
public sealed class ForeignClassTests
{
    private const string Ours = "gateway.yarp/ingress-controller";
    private const string Theirs = "example.com/other";
    private const string Address = "203.0.113.9";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_passes_to_another_controller_loses_its_routes_and_our_address_until_it_comes_back(bool withItsClass)
    {
        await using var cluster = await OwnCluster.StartAsync("--publish-status-address", Address);
        cluster.Api.Apply(ClusterYaml.Class("mine", Ours) + ClusterYaml.Class("other", Theirs));
        Apply("stays", "nginx");
        Apply("moves", "mine");
        await IsServedAsync();

        if (withItsClass)
            MakeAnew(Theirs);
        else
            Apply("moves", "other");
        await cluster.BecomesAsync("http://moves.test/", answer => answer.Status == HttpStatusCode.NotFound);
        await Eventually.HoldsAsync(() => AddressOf("moves") is null);

        if (withItsClass)
            MakeAnew(Ours);
        else
            Apply("moves", "mine");
        await IsServedAsync();
        Assert.Equal(Address, AddressOf("stays"));
        Assert.Equal("web", (await cluster.GetAsync("http://stays.test/")).From);
        await ReportedDiagnostic.NoneAsync(cluster.Gateway);

        void Apply(string name, string className) => cluster.Api.Apply(ClusterYaml.Ingress(name, $"{name}.test", "web")
            .Replace("ingressClassName: nginx", $"ingressClassName: {className}", StringComparison.Ordinal));

        // spec.controller is immutable.
        void MakeAnew(string controller)
        {
            cluster.Api.Delete("IngressClass", null, "mine");
            cluster.Api.Apply(ClusterYaml.Class("mine", controller));
        }

        async Task IsServedAsync()
        {
            await cluster.BecomesAsync("http://moves.test/", answer => answer.From == "web");
            await Eventually.HoldsAsync(() => AddressOf("moves") == Address && AddressOf("stays") == Address);
        }

        string? AddressOf(string name) => cluster.Api.Get("Ingress", "default", name)!.Address();
    }
}
