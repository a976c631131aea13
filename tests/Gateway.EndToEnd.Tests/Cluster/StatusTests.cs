using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>Whose status is written, and whose is not.</summary>
public sealed class StatusTests
{
    private static readonly string[] Published = ["--publish-status-address", "203.0.113.9"];

    [Fact]
    public async Task An_ingress_that_is_deleted_while_its_status_is_written_does_no_harm()
    {
        await using var cluster = await OwnCluster.StartAsync(Published);
        var deleted = 0;
        cluster.Api.Faults.Before = call =>
        {
            if (call is { Verb: "patch", Target: "ingresses/status", Name: "doomed" } && cluster.Api.Delete("Ingress", "default", "doomed"))
                deleted++;
            return Task.CompletedTask;
        };

        cluster.Api.Apply(ClusterYaml.Ingress("doomed", "doomed.test", "web"));
        await Eventually.HoldsAsync(() => deleted == 1);
        await WrittenAsync(cluster, "next");

        Assert.Null(cluster.Api.Get("Ingress", "default", "doomed"));
        // Once more at most, where the news that it is gone comes later than the answer that says so.
        Assert.InRange(cluster.Api.Calls.Count(call => call is { Target: "ingresses/status", Name: "doomed", Status: 404 }), 1, 2);
        await ReportedDiagnostic.NoneAsync(cluster.Gateway);
        // On a busy machine the start may take long enough to be told of.
        Assert.DoesNotContain(
            cluster.Gateway.Log.Split('\n'), line => line.Contains(" warn: ", StringComparison.Ordinal) && !line.Contains("Waiting for", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_status_of_ingress_nginx_is_written_only_when_it_is_taken_over(bool takeOver)
    {
        await using var cluster = await OwnCluster.StartAsync([.. Published, .. takeOver ? (string[])["--take-over"] : []]);
        cluster.Api.Apply(ClusterYaml.Class("legacy", "k8s.io/ingress-nginx"));
        cluster.Api.Apply(ClusterYaml.Ingress("legacy", "legacy.test", "web").Replace("ingressClassName: nginx", "ingressClassName: legacy", StringComparison.Ordinal));

        await cluster.BecomesAsync("http://legacy.test/", answer => answer.From == "web");
        if (takeOver)
            await Eventually.HoldsAsync(() => cluster.Api.Get("Ingress", "default", "legacy")!.Address() == "203.0.113.9");
        else
            await WrittenAsync(cluster, "ours");

        Assert.Equal(takeOver ? "203.0.113.9" : null, cluster.Api.Get("Ingress", "default", "legacy")!.Address());
    }

    [Fact]
    public async Task Nothing_is_written_when_the_option_says_so()
    {
        await using var cluster = await OwnCluster.StartAsync([.. Published, "--update-status=false"]);
        cluster.Api.Apply(ClusterYaml.Ingress("one", "one.test", "web"));
        await cluster.BecomesAsync("http://one.test/", answer => answer.From == "web");
        // It does lead: Events are written.
        await Eventually.HoldsAsync(() => cluster.Api.List("Event").Any(e => (string?)e["regarding"]?["name"] == "one"));

        cluster.Gateway.Terminate();

        Assert.Equal(0, await cluster.Gateway.ExitedAsync());
        Assert.DoesNotContain(cluster.Api.Calls, call => call.Target == "ingresses/status");
    }

    private static async Task WrittenAsync(ClusterFixture cluster, string name)
    {
        cluster.Api.Apply(ClusterYaml.Ingress(name, $"{name}.test", "web"));
        await Eventually.HoldsAsync(() => cluster.Api.Get("Ingress", "default", name)!.Address() == "203.0.113.9");
    }
}
