using System.Net;
using System.Text.RegularExpressions;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Failures;

/// <summary>Endpoints that no connection can be made to.</summary>
public sealed class ConnectTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_all_endpoints_refuse_the_answer_is_502()
    {
        var host = await gateway.ServeAsync([Ports.Closed(), Ports.Closed()]);

        Assert.Equal(HttpStatusCode.BadGateway, (await gateway.Client.AskAsync($"http://{host}/")).Status);
    }

    [Fact]
    public async Task Exactly_three_endpoints_are_tried_each_another()
    {
        var host = await gateway.ServeAsync([.. Enumerable.Range(0, 8).Select(_ => Ports.Closed())]);

        Assert.Equal(HttpStatusCode.BadGateway, (await gateway.Client.AskAsync($"http://{host}/", ("X-Request-ID", "three-tries-of-eight"))).Status);

        var lines = await Eventually.IsAsync(
            () => Task.FromResult(Array.FindAll(gateway.Gateway.Log.Split('\n'), line => line.Contains("three-tries-of-eight", StringComparison.Ordinal))),
            lines => lines.Length >= 3);
        Assert.Equal(3, lines.Length);
        Assert.All(lines[..2], line => Assert.Contains("trying the next endpoint", line, StringComparison.Ordinal));
        Assert.Contains("at try 3", lines[2], StringComparison.Ordinal);
        Assert.Equal(3, lines.Select(line => Regex.Match(line, @"127\.0\.0\.1:\d+").Value).Distinct().Count());
    }

    [Fact]
    public async Task Where_only_the_fourth_endpoint_in_turn_accepts_the_answer_is_502()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync([Ports.Closed(), Ports.Closed(), Ports.Closed(), Ports.Closed(), Ports.Closed(), Ports.Closed(), Ports.Closed(), backend.Port]);

        List<HttpStatusCode> seen = [];
        for (var i = 0; i < 8; i++)
            seen.Add((await gateway.Client.AskAsync($"http://{host}/")).Status);

        // Some requests begin near the good endpoint, others too far before it.
        Assert.Contains(HttpStatusCode.OK, seen);
        Assert.Contains(HttpStatusCode.BadGateway, seen);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Where_one_endpoint_refuses_another_answers_whatever_the_method(string version)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync([Ports.Closed(), backend.Port, Ports.Closed()]);

        for (var i = 0; i < 6; i++)
        {
            using var get = Requests.Create("GET", $"http://{host}/", version);
            Assert.Equal(HttpStatusCode.OK, (await gateway.Client.SendAsync(get, Cancellation)).StatusCode);
            Assert.StartsWith("GET", (await backend.NextRequestAsync()).StartLine, StringComparison.Ordinal);

            using var post = Requests.Create("POST", $"http://{host}/", version, new StringContent(new string('x', 100_000)));
            Assert.Equal(HttpStatusCode.OK, (await gateway.Client.SendAsync(post, Cancellation)).StatusCode);
            var received = await backend.NextRequestAsync();
            Assert.Equal(100_000, received.Body.Length);
            Assert.Single(received.All("X-Request-ID"));
            Assert.Single(received.All("X-Forwarded-For"));
        }
        Assert.True(backend.HasNoMoreRequests);
    }

    [Fact]
    public async Task An_endpoint_that_does_not_accept_in_time_gives_504()
    {
        using var full = await FullPort.StartAsync();
        var host = await gateway.ServeAsync(full.Port, annotations: [("proxy-connect-timeout", "1")]);

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await gateway.Client.AskAsync($"http://{host}/")).Status);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Where_one_endpoint_does_not_accept_in_time_another_answers(string method)
    {
        using var full = await FullPort.StartAsync();
        await using var backend = RawBackend.Always();
        // A read timeout that is no longer than the other says nothing about a request that was not sent yet.
        var host = await gateway.ServeAsync([full.Port, backend.Port], annotations: [("proxy-connect-timeout", "1"), ("proxy-read-timeout", "1")]);

        for (var i = 0; i < 2; i++)
        {
            using var request = Requests.Create(method, $"http://{host}/", content: method == "POST" ? new StringContent("hello") : null);
            using var answer = await gateway.Client.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(method == "POST" ? "hello" : "", (await backend.NextRequestAsync()).Body);
        }
    }

    [Fact]
    public async Task A_service_without_endpoints_gives_503()
    {
        var host = await gateway.ServeAsync([]);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.AskAsync($"http://{host}/")).Status);
    }

    [Fact]
    public async Task The_ports_of_the_gateway_itself_are_never_dialled()
    {
        foreach (var port in new[] { gateway.Gateway.AdminPort, gateway.Gateway.HttpPort, gateway.Gateway.HttpsPort })
        {
            var host = await gateway.ServeAsync(port);
            var answer = await gateway.Client.AskAsync($"http://{host}/readyz");
            Assert.Equal(HttpStatusCode.BadGateway, answer.Status);
        }
        // No other name for this machine helps.
        gateway.Folder.Write("self.yaml", Yaml.ExternalService("self", "localhost", gateway.Gateway.AdminPort) + Yaml.Ingress("self", "self.test", "self"));
        var answered = await gateway.BecomesAsync("http://self.test/readyz", answer => answer.Status != HttpStatusCode.NotFound);
        Assert.NotEqual(HttpStatusCode.OK, answered.Status);
    }
}
