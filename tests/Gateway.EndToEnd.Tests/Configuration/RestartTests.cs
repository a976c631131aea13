using System.Net;
using System.Net.Sockets;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Configuration;

/// <summary>A gateway that starts again: to its clients it is either not there, or there with all that it knew.</summary>
public sealed class RestartTests
{
    private const int Hosts = 500;

    [Fact]
    public async Task A_restarted_gateway_serves_every_host_it_knew_from_its_first_answer_on()
    {
        using var folder = new ManifestDirectory();
        await using var web = await EchoBackend.StartAsync("web");
        for (var i = 0; i < Hosts; i++)
            folder.Write($"h{i}.yaml", Yaml.Ingress($"h{i}", $"h{i}.test", "web"));
        // Read last: until then there are routes without endpoints.
        folder.Write("z.yaml", Yaml.Service("web", web.Port));
        using var ports = new ChosenPorts();

        for (var start = 0; start < 2; start++)
        {
            var polled = Enumerable.Range(0, 2).Select(i => PollAsync(ports.Http, $"h{i * (Hosts - 1)}.test")).ToArray();
            var ready = PollReadinessAsync(ports);
            await using var gateway = GatewayProcess.Launch(["run", "--manifests", folder.Path, .. ports.Options]);

            foreach (var answers in await Task.WhenAll(polled))
                Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
            await gateway.StartedAsync();
            await ready;
            gateway.Terminate();
            Assert.Equal(0, await gateway.ExitedAsync());
        }
    }

    /// <summary>Asks from before the port opens until a hundred answers have come, each on a connection of its own.</summary>
    private static async Task<List<HttpStatusCode>> PollAsync(int port, string host)
    {
        List<HttpStatusCode> answers = [];
        while (answers.Count < 100)
        {
            if (await TryAskAsync(port, host, "/") is { } status)
                answers.Add(status);
        }
        return answers;
    }

    /// <summary>Asks until the gateway says that it is ready: then traffic is served already.</summary>
    private static async Task PollReadinessAsync(ChosenPorts ports)
    {
        HttpStatusCode? status;
        do
        {
            status = await TryAskAsync(ports.Admin, "localhost", "/readyz");
            Assert.True(status is null or HttpStatusCode.ServiceUnavailable or HttpStatusCode.OK, $"{status}");
        }
        while (status != HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, await TryAskAsync(ports.Http, "h1.test", "/"));
    }

    private static async Task<HttpStatusCode?> TryAskAsync(int port, string host, string path)
    {
        try
        {
            await using var connection = await RawConnection.DialAsync(port);
            await connection.SendAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            return (HttpStatusCode)(await connection.ReadAnswerAsync()).Status;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // As a client would: not without a pause.
            await Task.Delay(1, TestContext.Current.CancellationToken);
            return null;
        }
    }
}
