using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Tests.Http2;
using Gateway.Proxy.Tests.Listeners;
using Gateway.Proxy.Tests.Routing;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Proxy.Tests;

public sealed class DataPlaneTests : IAsyncLifetime
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private readonly DataPlane _dataPlane = TestDataPlane.Create();
    private IPEndPoint _endPoint = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _dataPlane.StartAsync(Cancellation);
        _endPoint = await _dataPlane.OpenAsync(new ListenerDefinition(ListenerNames.Http, IPAddress.Loopback, 0, IsTls: false), Cancellation);
    }

    public ValueTask DisposeAsync() => _dataPlane.DisposeAsync();

    [Theory]
    [InlineData(0, true)]
    [InlineData(75, false)]
    public async Task Keep_alive_can_be_turned_off(int seconds, bool closes)
    {
        _dataPlane.Apply(new ConfigurationDelta { Settings = GatewaySettings.Default with { KeepAlive = TimeSpan.FromSeconds(seconds) } });
        using var client = await RawClient.ConnectAsync(_endPoint);

        await client.SendAsync(Get);

        Assert.Equal(closes, (await client.ReadAnswerAsync())!.Head.Contains("Connection: close", StringComparison.Ordinal));
        await client.SendAsync(Get);
        Assert.Equal(closes, await client.ReadAnswerAsync() is null);
    }

    [Fact]
    public async Task Clients_are_turned_away_with_their_next_answer_and_new_ones_are_still_served()
    {
        using var before = await RawClient.ConnectAsync(_endPoint);
        using var http2 = await RawHttp2Client.ConnectAsync(_endPoint);
        await before.SendAsync(Get);
        Assert.DoesNotContain("Connection: close", (await before.ReadAnswerAsync())!.Head, StringComparison.Ordinal);
        Assert.Equal(404, (await http2.RequestAsync(RawHttp2Client.Get("a"))).Status);

        _dataPlane.StartTurningAway();

        using var after = await RawClient.ConnectAsync(_endPoint);
        foreach (var client in (RawClient[])[before, after])
        {
            await client.SendAsync(Get);
            Assert.Contains("Connection: close", (await client.ReadAnswerAsync())!.Head, StringComparison.Ordinal);
            Assert.Null(await client.ReadAnswerAsync());
        }
        Assert.Equal(404, (await http2.RequestAsync(RawHttp2Client.Get("a"))).Status);
        Assert.Equal(0u, await http2.ReadGoAwayAsync());
    }

    [Fact]
    public async Task A_client_whose_request_is_in_flight_is_turned_away_with_its_answer()
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        Serve((IPEndPoint)upstream.LocalEndpoint, GatewaySettings.Default);
        using var client = await RawClient.ConnectAsync(_endPoint);
        await client.SendAsync(Get);
        using var connection = await upstream.AcceptSocketAsync(Cancellation);

        _dataPlane.StartTurningAway();
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), Cancellation);

        Assert.Contains("Connection: close", (await client.ReadAnswerAsync())!.Head, StringComparison.Ordinal);
        Assert.Null(await client.ReadAnswerAsync());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("X-Request-ID: mine\r\n", true)]
    public async Task A_request_id_that_is_not_to_be_made_is_kept_from_the_upstream_but_not_from_answers(string field, bool isPassed)
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        Serve((IPEndPoint)upstream.LocalEndpoint, GatewaySettings.Default with { GenerateRequestId = false });
        using var client = await RawClient.ConnectAsync(_endPoint);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: a\r\n{field}\r\n");
        using var connection = await upstream.AcceptSocketAsync(Cancellation);

        var head = "";
        var buffer = new byte[4096];
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await connection.ReceiveAsync(buffer, Cancellation);
            Assert.NotEqual(0, count);
            head += Encoding.Latin1.GetString(buffer, 0, count);
        }
        connection.Close();
        var body = (await client.ReadAnswerAsync())!.Body;

        Assert.Equal(isPassed, head.Contains("X-Request-ID: mine\r\n", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(isPassed, head.Contains("X-Request-ID", StringComparison.OrdinalIgnoreCase));
        Assert.Matches(isPassed ? "Request id: mine" : "Request id: [0-9a-f]{32}", body);
    }

    [Theory]
    [InlineData("grpc-status: 5\r\n", true)]
    [InlineData("", false)] // may be a stream: its head does not wait for what comes
    public async Task The_head_of_an_answer_ends_it_where_it_holds_the_status_of_gRPC(string field, bool isAlone)
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        Serve((IPEndPoint)upstream.LocalEndpoint, GatewaySettings.Default);
        using var client = await RawHttp2Client.ConnectAsync(_endPoint);
        var stream = await client.SendHeadersAsync(RawHttp2Client.Get("a"), endStream: true);
        using var connection = await upstream.AcceptSocketAsync(Cancellation);
        await connection.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{field}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), Cancellation);

        var answer = await client.ReadAnswerAsync(stream);

        Assert.Equal((200, isAlone), (answer.Status, answer.IsHeadAlone));
    }

    [Fact]
    public async Task Keep_alive_that_is_turned_off_is_off_after_a_failed_try_too()
    {
        // A port of the gateway itself is never dialled.
        Serve(_endPoint, GatewaySettings.Default with { KeepAlive = TimeSpan.Zero });
        using var client = await RawClient.ConnectAsync(_endPoint);

        await client.SendAsync(Get);

        var head = (await client.ReadAnswerAsync())!.Head;
        Assert.StartsWith("HTTP/1.1 502 ", head, StringComparison.Ordinal);
        Assert.Contains("Connection: close", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", 400)]
    [InlineData("b", 404)] // answered without the body, the rest of which the server reads and throws away
    public async Task A_trailer_that_cannot_be_decoded_is_a_bad_request_and_no_alarm(string host, int status)
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        var logs = new RecordedLogs();
        await using var dataPlane = TestDataPlane.Create(logs);
        await dataPlane.StartAsync(Cancellation);
        var endPoint = await dataPlane.OpenAsync(new ListenerDefinition(ListenerNames.Http, IPAddress.Loopback, 0, IsTls: false), Cancellation);
        dataPlane.Apply(To((IPEndPoint)upstream.LocalEndpoint, GatewaySettings.Default));
        using var client = await RawClient.ConnectAsync(endPoint);

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: a\0\r\n\r\n");

        Assert.Equal(status, (await client.ReadAnswerAsync())?.Status);
        Assert.True(await client.ClosesAsync());
        Assert.Empty(logs.Entries);
    }

    [Fact]
    public async Task A_method_that_is_not_served_ends_the_connection_and_its_answer_is_not_to_be_stored()
    {
        using var client = await RawClient.ConnectAsync(_endPoint);

        await client.SendAsync("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n");

        var answer = (await client.ReadAnswerAsync())!;
        Assert.Equal(405, answer.Status);
        Assert.Contains("Connection: close", answer.Head, StringComparison.Ordinal);
        Assert.Contains("Cache-Control: no-store", answer.Head, StringComparison.Ordinal);
        Assert.True(await client.ClosesAsync());
    }

    [Fact]
    public async Task A_request_that_has_only_half_come_may_still_come_but_does_not_hold_up_the_stop()
    {
        var time = new FakeTimeProvider();
        await using var dataPlane = TestDataPlane.Create(time: time);
        await dataPlane.StartAsync(Cancellation);
        var endPoint = await dataPlane.OpenAsync(new ListenerDefinition(ListenerNames.Http, IPAddress.Loopback, 0, IsTls: false), Cancellation);
        using var late = await RawClient.ConnectAsync(endPoint);
        using var never = await RawClient.ConnectAsync(endPoint);
        foreach (var client in (RawClient[])[late, never])
        {
            await client.SendAsync(Get + "GET /sec");
            Assert.Equal(404, (await client.ReadAnswerAsync())!.Status);
        }

        var stopping = dataPlane.StopAsync(Cancellation);
        await late.SendAsync("ond HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(404, (await late.ReadAnswerAsync())!.Status);
        Assert.False(stopping.IsCompleted);
        await Eventually.IsAsync(true, () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return stopping.IsCompleted;
        });
        Assert.True(await never.ClosesAsync());
    }

    [Theory]
    [InlineData("/", 200)]
    [InlineData("/healthz", 404)] // by the rule, which leads nowhere
    public async Task A_rule_for_healthz_of_no_host_goes_before_the_answer_to_probes(string path, int status)
    {
        _dataPlane.Apply(new ConfigurationDelta { Settings = GatewaySettings.Default, Hosts = [RouteTables.Host(HostRoutes.AnyHost, RouteTables.Prefix(path))] });
        using var client = await RawClient.ConnectAsync(_endPoint);

        await client.SendAsync("GET /healthz HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n");

        Assert.Equal(status, (await client.ReadAnswerAsync())!.Status);
    }

    [Theory]
    [InlineData("hsts", 1)]
    [InlineData("upstream-keepalive-timeout", 2)]
    public async Task Upstream_connections_are_kept_over_changes_that_do_not_concern_them(string key, int expected)
    {
        var changed = key == "hsts"
            ? GatewaySettings.Default with { Hsts = false }
            : GatewaySettings.Default with { UpstreamKeepaliveTimeout = TimeSpan.FromSeconds(1) };
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        var connections = 0;
        var serving = AnswerAllAsync();
        Serve((IPEndPoint)upstream.LocalEndpoint, GatewaySettings.Default);
        using var client = await RawClient.ConnectAsync(_endPoint);

        await client.SendAsync(Get);
        Assert.Equal(200, (await client.ReadAnswerAsync())!.Status);
        _dataPlane.Apply(new ConfigurationDelta { Settings = changed });
        await client.SendAsync(Get);
        Assert.Equal(200, (await client.ReadAnswerAsync())!.Status);

        Assert.Equal(expected, connections);
        upstream.Stop();
        await serving;

        async Task AnswerAllAsync()
        {
            try
            {
                while (true)
                {
                    var connection = await upstream.AcceptTcpClientAsync(Cancellation);
                    connections++;
                    _ = AnswerAsync(connection);
                }
            }
            catch (SocketException)
            {
                // Stopped.
            }
        }

        static async Task AnswerAsync(TcpClient connection)
        {
            using var reader = new StreamReader(connection.GetStream());
            while (await reader.ReadLineAsync(Cancellation) is { } line)
            {
                if (line.Length == 0)
                    await connection.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), Cancellation);
            }
        }
    }

    [Fact]
    public async Task An_authority_and_a_host_that_differ_are_refused_also_when_both_came_before()
    {
        using var client = await RawHttp2Client.ConnectAsync(_endPoint);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(404, (await client.RequestAsync(RawHttp2Client.Get("a"))).Status);
            Assert.Equal(404, (await client.RequestAsync([.. RawHttp2Client.Get("b"), ("host", "b")])).Status);
        }

        await client.SendHeadersAsync([.. RawHttp2Client.Get("a"), ("host", "b")], endStream: true);

        Assert.Equal(1u, await client.ReadGoAwayAsync());
    }

    /// <summary>Routes host a to one endpoint.</summary>
    private void Serve(IPEndPoint endpoint, GatewaySettings settings) => _dataPlane.Apply(To(endpoint, settings));

    private static ConfigurationDelta To(IPEndPoint endpoint, GatewaySettings settings)
    {
        var service = new ServicePortKey(new ObjectName("shop", "web"), new PortReference(80, null));
        return new ConfigurationDelta
        {
            Settings = settings,
            Hosts = [RouteTables.Host("a", RouteTables.Prefix("/") with { Backends = [new Backend(service)] })],
            Endpoints = [new ServiceEndpoints(service, [new EndpointAddress("127.0.0.1", endpoint.Port)])],
        };
    }
}
