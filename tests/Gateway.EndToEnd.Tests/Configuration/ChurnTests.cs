using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Configuration;

/// <summary>Edits of routes and endpoints while requests keep coming: none of them may notice.</summary>
public sealed class ChurnTests(ChurnTests.Fixture fixture) : IClassFixture<ChurnTests.Fixture>
{
    private const int Hosts = 5;
    private const int Rounds = 40;

    [Fact]
    public async Task No_request_fails_during_200_edits_and_each_is_answered_by_a_backend_of_its_moment()
    {
        var hosts = new ChurningHost[Hosts];
        for (var i = 0; i < Hosts; i++)
            hosts[i] = await ChurningHost.StartAsync($"churn-{i}", fixture.Folder);
        await Task.WhenAll(hosts.Select(host => fixture.BecomesAsync($"http://{host.Name}/", answer => answer.Status == HttpStatusCode.OK)));

        using var stop = new CancellationTokenSource();
        (string Scheme, Version Version)[] kinds = [("http", HttpVersion.Version11), ("http", HttpVersion.Version11), ("http", HttpVersion.Version20), ("https", HttpVersion.Version20)];
        LoadClient[] clients = [.. kinds.Select(kind => new LoadClient(GatewayHttp.Client(fixture.Gateway, kind.Version), kind.Scheme, hosts))];
        var load = clients.Select(client => client.RunAsync(stop.Token)).ToArray();

        for (var round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(hosts.Select((host, i) => EditAsync(host, (round + i) % 3)));
            // What was replaced goes away once the requests that may still be with it are done.
            await Task.WhenAll(clients.Select(client => client.AllUnderWayAsync()));
            await Task.WhenAll(hosts.Select(host => host.StopReplacedAsync()));
        }
        await stop.CancelAsync();
        await Task.WhenAll(load);

        var failures = clients.SelectMany(client => client.Failures).ToList();
        Assert.True(failures.Count == 0, $"{failures.Count} failed of {clients.Sum(client => client.Requests)}: {string.Join("; ", failures.Take(5))}\n{fixture.Gateway.Log}");
        Assert.All(clients, client => Assert.True(client.Requests > Rounds, $"{client.Requests} requests are no load"));
        foreach (var host in hosts)
            await host.DisposeAsync();
    }

    [Fact]
    public async Task A_new_host_goes_from_404_to_200_and_back_with_nothing_in_between()
    {
        await using var backend = await EchoBackend.StartAsync("new");
        for (var i = 0; i < 10; i++)
        {
            var host = $"new-{i}.test";
            using var stop = new CancellationTokenSource();
            TaskCompletionSource[] begun = [new(), new(), new()];
            var polled = begun.Select(started => PollAsync(host, started, stop.Token)).ToArray();
            await Task.WhenAll(begun.Select(started => started.Task));
            fixture.Folder.Write($"new-{i}.yaml", Yaml.Ingress($"new-{i}", host, $"new-{i}") + Yaml.Service($"new-{i}", backend.Port));
            await fixture.BecomesAsync($"http://{host}/", answer => answer.Status == HttpStatusCode.OK);
            fixture.Folder.Delete($"new-{i}.yaml");
            await fixture.BecomesAsync($"http://{host}/", answer => answer.Status == HttpStatusCode.NotFound);
            await stop.CancelAsync();
            foreach (var seen in await Task.WhenAll(polled))
                Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.NotFound], seen);
        }
    }

    /// <summary>The statuses of a host as they followed each other, without repetitions.</summary>
    private async Task<List<HttpStatusCode>> PollAsync(string host, TaskCompletionSource begun, CancellationToken stop)
    {
        List<HttpStatusCode> seen = [];
        using var client = GatewayHttp.Client(fixture.Gateway);
        // One more after the end: the last change must not be missed.
        for (var last = false; !last;)
        {
            last = stop.IsCancellationRequested;
            var answer = await client.AskAsync($"http://{host}/");
            if (seen.Count == 0 || seen[^1] != answer.Status)
                seen.Add(answer.Status);
            begun.TrySetResult();
        }
        return seen;
    }

    private async Task EditAsync(ChurningHost host, int kind)
    {
        switch (kind)
        {
            case 0:
                await host.SwitchEndpointAsync();
                break;
            case 1:
                await host.SwitchServiceAsync();
                break;
            default:
                host.AddPath();
                await Eventually.IsAsync(() => fixture.GetAsync($"http://{host.Name}{host.AddedPath}"), answer => answer.From == "web");
                return;
        }
        var wanted = host.Latest;
        await fixture.BecomesAsync($"http://{host.Name}/", answer => answer.From == wanted);
        host.Settle();
    }

    public sealed class Fixture : GatewayFixture
    {
        protected override Task WriteAsync() => Task.CompletedTask;
    }
}
