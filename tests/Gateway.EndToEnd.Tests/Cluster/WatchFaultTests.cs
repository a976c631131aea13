using System.Globalization;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>
/// Watches that break in every way while routes and endpoints change: no request fails, and what is served in the end is
/// what a gateway makes of the cluster that has just been started.
/// </summary>
public sealed class WatchFaultTests(WatchFaultTests.Cluster cluster) : IClassFixture<WatchFaultTests.Cluster>
{
    // Odd, so that a host gets the other backend whenever it is its turn.
    private const int Hosts = 5;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    /// <summary>More Ingresses than a page holds.</summary>
    public sealed class Cluster : ClusterFixture
    {
        /// <inheritdoc/>
        protected override void Prepare()
        {
            for (var i = 0; i < 600; i++)
                Api.Apply(ClusterYaml.Ingress($"many-{i}", $"many-{i}.test", "web"));
        }
    }

    /// <summary>As often as once a second for a minute.</summary>
    [Fact]
    public async Task Every_watch_is_cut_sixty_times()
    {
        var seen = await EventsAsync();
        await ChurnAsync("cut", rounds: 60, async round =>
        {
            cluster.Api.Apply(
                ClusterYaml.Class($"other-{round}", "example.com/other") + ClusterYaml.Service($"other-{round}") + TlsYaml.Secret("cut-tls", $"{round}", "key")
                + $$"""{kind: Secret, metadata: {name: cut}, stringData: {round: "{{round}}"} }""");
            // What comes once and goes once: nothing makes up for an event that was lost.
            cluster.Api.Apply(ClusterYaml.Ingress($"once-{round}", $"once-{round}.test", "web"));
            cluster.Api.Delete("Ingress", "default", $"once-{round - 5}");
            // Whoever tells of an event is open again.
            var before = seen;
            seen = await Eventually.IsAsync(EventsAsync, now => now.Zip(before, (after, then) => after > then).All(more => more));
            cluster.Api.Faults.CutWatches();
        });

        // One for each kind.
        Task<double[]> EventsAsync() => cluster.Gateway.ReadMetricsAsync("gateway_watch_events_total");
    }

    [Fact]
    public Task Every_watch_is_answered_with_410() => ChurnAsync("gone", rounds: 40, round =>
    {
        cluster.Api.Faults.GoneOnWatch = round < 28;
        if (round % 10 == 0)
            cluster.Api.Faults.CutWatches();
    });

    [Fact]
    public Task Every_watch_says_410_in_the_stream() => ChurnAsync("gone-in-stream", rounds: 40, round =>
    {
        cluster.Api.Faults.GoneInStream = round < 28;
        if (round % 10 == 0)
            cluster.Api.Faults.CutWatches();
    });

    [Fact]
    public Task Events_of_unknown_types_and_broken_JSON_arrive() => ChurnAsync("garbage", rounds: 40, round =>
    {
        switch (round % 12)
        {
            case 0:
                cluster.Api.Faults.GarbageEvent("""{"type":"RENAMED","object":{"metadata":{"name":"web"}}}""");
                break;
            case 4:
                cluster.Api.Faults.GarbageEvent("""{"type":"MODIFIED","object":{"metadata":{"name":"we""");
                break;
            case 8:
                cluster.Api.Faults.GarbageEvent("<html>504</html>");
                break;
        }
    });

    [Theory]
    [InlineData(500)]
    [InlineData(0)] // cut in the middle of its body
    public async Task A_page_fails_midway_when_a_gateway_starts(int status)
    {
        cluster.Api.Faults.FailPage(2, status, "ingresses");

        await AgreesWithNewReplicaAsync(atStart: replica => Assert.Equal("web", replica.From));
    }

    private Task ChurnAsync(string name, int rounds, Action<int> fault) => ChurnAsync(name, rounds, round =>
    {
        fault(round);
        return Task.CompletedTask;
    });

    /// <summary>Changes hosts under load for some rounds, in each of which a fault may happen.</summary>
    private async Task ChurnAsync(string name, int rounds, Func<int, Task> fault)
    {
        TestBackend[] backends = [await EchoBackend.StartAsync("a"), await EchoBackend.StartAsync("b")];
        for (var host = 0; host < Hosts; host++)
        {
            Route(host, rounds);
            var (url, first) = (Url(host), Point(host, host + Hosts));
            await cluster.BecomesAsync(url, answer => answer.From == first);
        }
        await using (var load = ConstantLoad.Start(cluster.Gateway, [.. Enumerable.Range(0, Hosts).Select(Url)]))
        {
            using var pace = new PeriodicTimer(Pace);
            for (var round = 0; round < rounds; round++)
            {
                await fault(round);
                Point(round % Hosts, round);
                Route((round + 1) % Hosts, round);
                await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }
            for (var host = 0; host < Hosts; host++)
            {
                var url = Url(host);
                var wanted = Point(host, 1 + host);
                await cluster.BecomesAsync(url, answer => answer.From == wanted);
            }
            await load.EndAsync();
        }
        await AgreesWithNewReplicaAsync();
        foreach (var backend in backends)
            await backend.DisposeAsync();

        string Url(int host) => string.Create(CultureInfo.InvariantCulture, $"http://{name}-{host}.test/");

        string Point(int host, int round)
        {
            cluster.Api.Apply(ClusterYaml.Service($"{name}-{host}", backends[round % 2].Port));
            return round % 2 == 0 ? "a" : "b";
        }

        void Route(int host, int round) => cluster.Api.Apply(
            ClusterYaml.Ingress($"{name}-{host}", $"{name}-{host}.test", $"{name}-{host}") + ClusterYaml.Ingress($"{name}-{host}-path", $"{name}-{host}.test", "web", $"/{round}"));
    }

    private async Task AgreesWithNewReplicaAsync(Action<Answer>? atStart = null)
    {
        await using var replica = await cluster.RunGatewayAsync();
        if (atStart is not null)
        {
            using var client = GatewayHttp.Client(replica);
            atStart(await client.AskAsync("http://many-599.test/"));
        }
        await Replicas.AgreeAsync(cluster.Gateway, replica);
    }
}
