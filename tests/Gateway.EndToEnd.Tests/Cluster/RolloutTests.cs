using System.Net;
using Gateway.EndToEnd.Tests.Harness;
using Microsoft.AspNetCore.Http;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>Pods come and go, of upstreams and of the gateway itself: no request is lost.</summary>
public sealed class RolloutTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_that_leaves_gets_no_new_request_and_ends_the_running_one()
    {
        var (arrived, finish) = (new TaskCompletionSource(), new TaskCompletionSource());
        var asked = 0;
        await using var cluster = await OwnCluster.StartAsync();
        await using var leaving = await TestBackend.StartAsync(async context =>
        {
            Interlocked.Increment(ref asked);
            if (context.Request.Path == "/slow")
            {
                arrived.TrySetResult();
                await finish.Task.WaitAsync(context.RequestAborted);
            }
            await context.Response.WriteAsync("leaving", context.RequestAborted);
        });
        await using var staying = await EchoBackend.StartAsync("staying");
        cluster.Api.Apply(ClusterYaml.Service("pods", leaving.Port) + ClusterYaml.Ingress("pods", "pods.test", "pods"));
        await cluster.BecomesAsync("http://pods.test/", answer => answer.From == "leaving");
        var running = cluster.GetAsync("http://pods.test/slow");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        cluster.Api.Apply(ClusterYaml.Service("pods", leaving.Port, staying.Port));
        await cluster.BecomesAsync("http://pods.test/", answer => answer.From == "staying");
        await using var load = ConstantLoad.Start(cluster.Gateway, "http://pods.test/");
        await load.GoesOnAsync();

        // As Kubernetes does it: terminating first, gone in the end.
        cluster.Api.Apply(Slice("pods-0", leaving.Port, "{ready: false, serving: true, terminating: true}"));
        await KnownAsync(cluster);
        await load.GoesOnAsync();
        var then = Volatile.Read(ref asked);
        await load.GoesOnAsync(20);
        Assert.Equal(then, Volatile.Read(ref asked));
        cluster.Api.Delete("EndpointSlice", "default", "pods-0");
        await KnownAsync(cluster);

        finish.SetResult();
        Assert.Equal("leaving", (await running).From);
        await load.EndAsync();
    }

    [Fact]
    public async Task Endpoints_that_end_but_still_serve_are_used_when_there_is_nothing_else()
    {
        await using var cluster = await OwnCluster.StartAsync();
        await using var ending = await EchoBackend.StartAsync("ending");
        await using var next = await EchoBackend.StartAsync("next");
        cluster.Api.Apply(ClusterYaml.Service("pods", ending.Port) + ClusterYaml.Ingress("pods", "pods.test", "pods"));
        await cluster.BecomesAsync("http://pods.test/", answer => answer.From == "ending");
        await using var load = ConstantLoad.Start(cluster.Gateway, "http://pods.test/");

        cluster.Api.Apply(Slice("pods-0", ending.Port, "{ready: false, serving: true, terminating: true}"));
        await KnownAsync(cluster);
        Assert.Equal("ending", (await cluster.GetAsync("http://pods.test/")).From);
        await load.GoesOnAsync();

        cluster.Api.Apply(Slice("pods-1", next.Port, "{ready: true, serving: true, terminating: false}"));
        await cluster.BecomesAsync("http://pods.test/", answer => answer.From == "next");
        await load.GoesOnAsync();
        Assert.Equal("next", (await cluster.GetAsync("http://pods.test/")).From);
        await load.EndAsync();

        // Nothing serves any more: that is said, not tried.
        cluster.Api.Apply(Slice("pods-0", ending.Port, "{ready: false, serving: false, terminating: true}") + Slice("pods-1", next.Port, "{ready: false, serving: false, terminating: true}"));
        await cluster.BecomesAsync("http://pods.test/", answer => answer.Status == HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_gateway_that_stops_sends_its_clients_away_and_answers_all_of_them()
    {
        await using var cluster = await OwnCluster.StartAsync("--pre-stop-delay", "2s");
        cluster.Api.Apply(ClusterYaml.Ingress("one", "one.test", "web"));
        await cluster.BecomesAsync("http://one.test/", answer => answer.From == "web");
        await using var load = ConstantLoad.Start(cluster.Gateway, "http://one.test/", "http://one.test/other");
        await using var kept = await RawConnection.DialAsync(cluster.Gateway.HttpPort);
        await using var streams = await RawConnection.DialAsync(cluster.Gateway.HttpPort);
        await kept.SendAsync(Request);
        Assert.Null((await kept.ReadAnswerAsync())["Connection"]);
        await streams.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");
        await streams.ReadExactlyAsync(9); // its SETTINGS: the connection stands

        cluster.Gateway.Terminate();
        await Eventually.IsAsync(cluster.Gateway.IsReadyAsync, ready => !ready);
        // As long as the word has not got around, new requests come, on old connections and on new ones.
        await kept.SendAsync(Request);
        var answer = await kept.ReadAnswerAsync();
        Assert.Equal((200, "close"), (answer.Status, answer["Connection"]));
        Assert.True(await kept.ClosesAsync());
        await using var late = await RawConnection.DialAsync(cluster.Gateway.HttpPort);
        await late.SendAsync(Request);
        Assert.Equal("close", (await late.ReadAnswerAsync())["Connection"]);
        await load.EndAsync();

        // GOAWAY is frame type 7, on stream 0.
        Assert.Contains("\u0007\0\0\0\0\0", await streams.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await cluster.Gateway.ExitedAsync(TimeSpan.FromSeconds(15)));
        Assert.Contains("Drained", cluster.Gateway.Log, StringComparison.Ordinal);
    }

    private const string Request = "GET / HTTP/1.1\r\nHost: one.test\r\n\r\n";

    /// <summary>Waits until what was applied before is followed: events of a kind keep their order.</summary>
    private static async Task KnownAsync(ClusterFixture cluster)
    {
        var port = Ports.Closed();
        cluster.Api.Apply(ClusterYaml.Service("mark", port) + ClusterYaml.Ingress("mark", "mark.test", "mark"));
        await Eventually.IsAsync(
            async () => (await cluster.Gateway.ReadAsync("/api/clusters?host=mark.test")).ToString(),
            clusters => clusters.Contains($"127.0.0.1:{port}", StringComparison.Ordinal));
    }

    private static string Slice(string name, int port, string conditions) => $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: {{name}}, namespace: default, labels: {kubernetes.io/service-name: pods} }
        addressType: IPv4
        ports: [{name: http, port: {{port}}}]
        endpoints: [{addresses: ["127.0.0.1"], conditions: {{conditions}}}]
        ---

        """;
}
