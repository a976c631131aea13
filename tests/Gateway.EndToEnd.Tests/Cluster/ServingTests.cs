using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>Objects of a cluster, served and followed.</summary>
public sealed class ServingTests(ClusterFixture cluster) : IClassFixture<ClusterFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_ingress_is_served_changed_and_gone()
    {
        cluster.Api.Apply(ClusterYaml.Ingress("one", "one.test", "web"));
        await cluster.BecomesAsync("http://one.test/", answer => answer.From == "web");

        cluster.Api.Apply(ClusterYaml.Ingress("one", "other.test", "web"));
        await cluster.BecomesAsync("http://other.test/", answer => answer.From == "web");
        await cluster.BecomesAsync("http://one.test/", answer => answer.Status == HttpStatusCode.NotFound);

        Assert.True(cluster.Api.Delete("Ingress", "default", "one"));
        await cluster.BecomesAsync("http://other.test/", answer => answer.Status == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_new_host_goes_from_404_to_200_with_nothing_in_between_whatever_comes_first()
    {
        for (var i = 0; i < 10; i++)
        {
            var host = $"new-{i}.test";
            await using var backend = await EchoBackend.StartAsync("new");
            string[] objects = [ClusterYaml.Service($"new-{i}", backend.Port), ClusterYaml.Ingress($"new-{i}", host, $"new-{i}")];
            using var stop = new CancellationTokenSource();
            var begun = new TaskCompletionSource();
            var polled = PollAsync(host, begun, stop.Token);
            await begun.Task.WaitAsync(Cancellation);
            // As "kubectl apply -f" does it: the Service first, its endpoints, then the Ingress.
            foreach (var yaml in objects)
                cluster.Api.Apply(yaml);
            await cluster.BecomesAsync($"http://{host}/", answer => answer.Status == HttpStatusCode.OK);
            await stop.CancelAsync();
            Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.OK], await polled);
        }
    }

    [Fact]
    public async Task A_diagnostic_becomes_an_event_on_its_object()
    {
        cluster.Api.Apply(ClusterYaml.Ingress("broken", "broken.test", "missing"));

        var note = await Eventually.IsAsync(
            () => Task.FromResult(cluster.Api.List("Event").FirstOrDefault(e => (string?)e["regarding"]?["name"] == "broken" && (string?)e["type"] == "Warning")),
            found => found is not null);

        Assert.Equal("Ingress", (string?)note!["regarding"]!["kind"]);
        Assert.Contains("Service default/missing does not exist", (string?)note["note"], StringComparison.Ordinal);
        var diagnostic = await ReportedDiagnostic.OfAsync(cluster.Gateway, "Ingress default/broken");
        Assert.Contains(diagnostic.Problem, (string?)note["note"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_served_ingress_gets_a_sync_event_once()
    {
        cluster.Api.Apply(ClusterYaml.Ingress("synced", "synced.test", "web"));
        await cluster.BecomesAsync("http://synced.test/", answer => answer.From == "web");
        await Eventually.IsAsync(() => Task.FromResult(Syncs()), count => count == 1);
        cluster.Api.Apply(ClusterYaml.Ingress("synced", "synced.test", "web", "/later"));
        await cluster.BecomesAsync("http://synced.test/", answer => answer.Status == HttpStatusCode.NotFound);

        Assert.Equal(1, Syncs());

        int Syncs() => cluster.Api.List("Event").Count(e => (string?)e["regarding"]?["name"] == "synced" && (string?)e["reason"] == "Sync");
    }

    [Fact]
    public async Task The_state_of_the_watches_can_be_read()
    {
        var status = await cluster.Gateway.ReadAsync("/api/status");

        Assert.Equal(16, status.GetProperty("routesHash").GetString()!.Length);
        var source = status.GetProperty("source");
        Assert.Contains(cluster.Api.Address.Authority, source.GetProperty("name").GetString(), StringComparison.Ordinal);
        Assert.InRange(source.GetProperty("ageSeconds").GetDouble(), 0, 60);
        var kinds = source.GetProperty("kinds").EnumerateArray().ToDictionary(kind => kind.GetProperty("kind").GetString()!);
        foreach (var kind in (string[])["Ingress", "IngressClass", "Service", "EndpointSlice", "Secret"])
            Assert.True(kinds[kind].GetProperty("synced").GetBoolean(), kind);

        using var client = new HttpClient();
        var metrics = await client.GetStringAsync(cluster.Gateway.Admin("/metrics"), Cancellation);
        foreach (var name in (string[])["gateway_ready 1", "gateway_config_hash{of=\"routes\"}", "gateway_config_age_seconds", "gateway_leader 1", "gateway_watch_objects{kind=\"Ingress\"}"])
            Assert.Contains(name, metrics, StringComparison.Ordinal);
    }

    private async Task<List<HttpStatusCode>> PollAsync(string host, TaskCompletionSource begun, CancellationToken stop)
    {
        List<HttpStatusCode> seen = [];
        using var client = GatewayHttp.Client(cluster.Gateway);
        for (var stopped = false; !stopped;)
        {
            // Once more after the stop, so that what has made somebody stop it is seen here too.
            stopped = stop.IsCancellationRequested;
            var answer = await client.AskAsync($"http://{host}/");
            if (seen.Count == 0 || seen[^1] != answer.Status)
                seen.Add(answer.Status);
            begun.TrySetResult();
        }
        return seen;
    }
}
