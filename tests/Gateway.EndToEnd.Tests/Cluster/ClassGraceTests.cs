using System.Diagnostics;
using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary><c>--class-grace</c>: an IngressClass that is deleted by mistake takes its routes with it only after a while.</summary>
public sealed class ClassGraceTests(ClusterFixture cluster) : IClassFixture<ClusterFixture>
{
    [Fact]
    public async Task Routes_outlive_their_class_for_as_long_as_they_may()
    {
        cluster.Api.Apply(ClusterYaml.Ingress("one", "one.test", "web"));
        await using var impatient = await cluster.RunGatewayAsync(null, "--class-grace", "1s");
        using var client = GatewayHttp.Client(impatient);
        await cluster.BecomesAsync("http://one.test/", answer => answer.From == "web");
        // The default is 30 s.
        await using var load = ConstantLoad.Start(cluster.Gateway, "http://one.test/");

        cluster.Api.Delete("IngressClass", null, "nginx");
        var clock = Stopwatch.StartNew();
        await Eventually.IsAsync(() => client.AskAsync("http://one.test/"), answer => answer.Status == HttpStatusCode.NotFound);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

        cluster.Api.Apply(ClusterYaml.Class("nginx", "gateway.yarp/ingress-controller"));
        await Eventually.IsAsync(() => client.AskAsync("http://one.test/"), answer => answer.From == "web");
        await load.EndAsync();
        await Replicas.AgreeAsync(cluster.Gateway, impatient);
    }
}
