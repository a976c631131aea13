using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Tests.Listeners;
using Gateway.Proxy.Tests.Routing;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Proxy.Tests.Forwarding;

/// <summary>How long connections to upstreams are waited for and kept.</summary>
public sealed class UpstreamConnectionTests : IAsyncDisposable
{
    private static readonly ServicePortKey Service = new(new ObjectName("shop", "web"), new PortReference(80, null));
    private static readonly GatewaySettings Keeping = GatewaySettings.Default with { UpstreamKeepaliveTimeout = TimeSpan.FromHours(1) };

    private readonly FakeTimeProvider _time = new();
    private readonly TcpListener _upstream = new(IPAddress.Loopback, 0);
    private readonly DataPlane _dataPlane;

    public UpstreamConnectionTests()
    {
        _dataPlane = TestDataPlane.Create(time: _time);
        _upstream.Start();
    }

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public async ValueTask DisposeAsync()
    {
        await _dataPlane.DisposeAsync();
        _upstream.Dispose();
    }

    [Fact]
    public async Task A_connection_is_closed_that_was_idle_for_longer_than_it_may()
    {
        using var client = await OpenAsync(GatewaySettings.Default with { UpstreamKeepaliveTimeout = TimeSpan.FromSeconds(1) });
        using var connection = await ExchangeAsync(client);

        // One forwarder goes by the system's clock, the other by this.
        await Eventually.IsAsync(true, () => connection.Poll(0, SelectMode.SelectRead) || Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(0, await connection.ReceiveAsync(new byte[1], Deadline));
    }

    [Fact]
    public async Task A_connection_that_has_lived_for_longer_than_it_may_is_used_no_more()
    {
        using var client = await OpenAsync(Keeping with { UpstreamKeepaliveTime = TimeSpan.FromMilliseconds(1) });
        using var first = await ExchangeAsync(client);
        // By the clock that YARP's handler goes by, which no test can drive.
        _time.Advance(TimeSpan.FromMilliseconds(20));
        var began = Environment.TickCount64;
        SpinWait.SpinUntil(() => Environment.TickCount64 > began + 20);
        using var second = await ExchangeAsync(client);

        Assert.Equal(0, await first.ReceiveAsync(new byte[1], Deadline));
    }

    [Fact]
    public async Task An_idle_connection_is_closed_once_the_settings_that_it_was_opened_with_are_replaced()
    {
        using var client = await OpenAsync(Keeping);
        using var connection = await ExchangeAsync(client);

        _dataPlane.Apply(new ConfigurationDelta { Settings = Keeping with { UpstreamKeepaliveTime = TimeSpan.FromHours(2) } });
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, await connection.ReceiveAsync(new byte[1], Deadline));
    }

    [Fact]
    public async Task A_handshake_that_does_not_come_to_an_end_is_given_up_like_a_connection()
    {
        using var client = await OpenAsync(GatewaySettings.Default, route => route with
        {
            Backends = [new Backend(Service, Protocol: BackendProtocol.Https)],
            Timeouts = route.Timeouts with { Connect = TimeSpan.FromMilliseconds(100) },
        });

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(504, (await client.ReadAnswerAsync())!.Status);
    }

    private bool Advance(TimeSpan time)
    {
        _time.Advance(time);
        return false;
    }

    /// <summary>An exchange over a new connection to the upstream, which is returned.</summary>
    private async Task<Socket> ExchangeAsync(RawClient client)
    {
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        var connection = await _upstream.AcceptSocketAsync(Deadline);
        var request = "";
        var buffer = new byte[4096];
        while (!request.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            request += Encoding.Latin1.GetString(buffer, 0, await connection.ReceiveAsync(buffer, Deadline));
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), Deadline);
        Assert.Equal(200, (await client.ReadAnswerAsync())!.Status);
        return connection;
    }

    private Task<RawClient> OpenAsync(GatewaySettings settings) => OpenAsync(settings, route => route with { Backends = [new Backend(Service)] });

    private async Task<RawClient> OpenAsync(GatewaySettings settings, Func<Route, Route> route)
    {
        await _dataPlane.StartAsync(Deadline);
        var endPoint = await _dataPlane.OpenAsync(new ListenerDefinition(ListenerNames.Http, IPAddress.Loopback, 0, IsTls: false), Deadline);
        _dataPlane.Apply(new ConfigurationDelta
        {
            Settings = settings,
            Hosts = [RouteTables.Host("a", route(RouteTables.Prefix("/")))],
            Endpoints = [new ServiceEndpoints(Service, [new EndpointAddress("127.0.0.1", ((IPEndPoint)_upstream.LocalEndpoint).Port)])],
        });
        return await RawClient.ConnectAsync(endPoint);
    }
}
