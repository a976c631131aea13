using System.Net;
using System.Net.Sockets;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Tests.Http2;
using Gateway.Proxy.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Gateway.Proxy.Tests.Listeners;

public sealed class ProxyServerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_knows_the_listener_that_it_came_through()
    {
        await using var server = await TestServer.StartAsync(NameListenerAsync);
        using var plain = await RawClient.ConnectAsync(server.PlainEndPoint);
        using var tls = await RawClient.ConnectTlsAsync(server.TlsEndPoint, "a");
        using var plain2 = await RawHttp2Client.ConnectAsync(server.PlainEndPoint);
        using var tls2 = await RawHttp2Client.ConnectTlsAsync(server.TlsEndPoint, "a");

        await plain.SendAsync(Get);
        await tls.SendAsync(Get);

        Assert.Equal($"http False {server.PlainEndPoint.Port} http", (await plain.ReadAnswerAsync())!.Body);
        Assert.Equal($"https True {server.TlsEndPoint.Port} https", (await tls.ReadAnswerAsync())!.Body);
        Assert.Equal($"http False {server.PlainEndPoint.Port} http", (await plain2.RequestAsync(RawHttp2Client.Get("a"))).Body);
        Assert.Equal($"https True {server.TlsEndPoint.Port} https", (await tls2.RequestAsync(RawHttp2Client.Get("a", scheme: "https"))).Body);
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_harms_nothing()
    {
        await using var server = await TestServer.StartAsync();

        var exception = await Assert.ThrowsAsync<IOException>(() => server.OpenAsync("other", isTls: false, server.PlainEndPoint.Port));

        Assert.Contains($"'other' cannot open 127.0.0.1:{server.PlainEndPoint.Port}: the port is in use", exception.Message, StringComparison.Ordinal);
        Assert.Equal(["http", "https"], server.Server.Listeners.Select(listener => listener.Definition.Name).Order());
        using var client = await RawClient.ConnectAsync(server.PlainEndPoint);
        await client.SendAsync(Get);
        Assert.Equal(200, (await client.ReadAnswerAsync())!.Status);
    }

    [Fact]
    public async Task An_address_that_is_not_this_machines_is_named()
    {
        await using var server = await TestServer.StartAsync();

        var exception = await Assert.ThrowsAsync<IOException>(() =>
            server.Server.OpenAsync(new ListenerDefinition("other", IPAddress.Parse("192.0.2.1"), 0, IsTls: false), Cancellation));

        Assert.Contains("'other' cannot open 192.0.2.1:0", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_opened_once()
    {
        await using var server = await TestServer.StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => server.OpenAsync(TestServer.Plain, isTls: false));
    }

    [Fact]
    public async Task A_dual_stack_listener_takes_IPv4()
    {
        await using var server = await TestServer.StartAsync(NameListenerAsync);
        var endPoint = await server.Server.OpenAsync(new ListenerDefinition("dual", IPAddress.IPv6Any, 0, IsTls: false), Cancellation);

        using var client = await RawClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, endPoint.Port));
        await client.SendAsync(Get);

        Assert.StartsWith("dual", (await client.ReadAnswerAsync())!.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_IPv6_is_listened_on_by_IPv4_alone()
    {
        await using var server = new ProxyServer(
            new CertificateTable(GatewaySettings.Default, TimeProvider.System), GatewaySettings.Default, NullLoggerFactory.Instance, TimeProvider.System, _ => new WithoutIPv6());

        var endPoint = await server.OpenAsync(new ListenerDefinition("dual", IPAddress.IPv6Any, 0, IsTls: false), Cancellation);

        Assert.Equal(IPAddress.Any, endPoint.Address);
    }

    [Fact]
    public async Task Connections_are_counted_by_listener()
    {
        await using var server = await TestServer.StartAsync();
        using var first = await RawClient.ConnectAsync(server.PlainEndPoint);
        using var second = await RawClient.ConnectAsync(server.PlainEndPoint);
        using var tls = await RawClient.ConnectTlsAsync(server.TlsEndPoint, "a");

        await Eventually.IsAsync((2, 2L), () => Counts(server, TestServer.Plain));
        await Eventually.IsAsync((1, 1L), () => Counts(server, TestServer.Tls));
        first.Dispose();
        await Eventually.IsAsync((1, 2L), () => Counts(server, TestServer.Plain));
    }

    [Fact]
    public async Task Answers_do_not_say_what_the_server_is()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await RawClient.ConnectAsync(server.PlainEndPoint);

        await client.SendAsync(Get);

        Assert.DoesNotContain("Server:", (await client.ReadAnswerAsync())!.Head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Bytes_of_fields_pass_unchanged()
    {
        const string Value = "\u0080\u00e9\u00ff Ã©";
        await using var server = await TestServer.StartAsync(features =>
        {
            features.Get<IHttpResponseFeature>()!.Headers["X-Echo"] = features.Get<IHttpRequestFeature>()!.Headers["X-Sent"];
            return features.AnswerAsync("");
        });
        using var client = await RawClient.ConnectAsync(server.PlainEndPoint);
        using var client2 = await RawHttp2Client.ConnectAsync(server.PlainEndPoint);

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: a\r\nX-Sent: {Value}\r\n\r\n");

        Assert.Contains($"X-Echo: {Value}\r\n", (await client.ReadAnswerAsync())!.Head, StringComparison.Ordinal);
        Assert.Contains(("x-echo", Value), (await client2.RequestAsync([.. RawHttp2Client.Get("a"), ("x-sent", Value)])).Headers);
    }

    [Theory]
    [InlineData(8_000, 1, 200)]
    [InlineData(9_000, 1, 414)]
    [InlineData(100, 90, 200)]
    [InlineData(100, 110, 431)]
    public async Task Heads_are_limited(int target, int fields, int status)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await RawClient.ConnectAsync(server.PlainEndPoint);

        await client.SendAsync(
            $"GET /{new string('a', target)} HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Range(0, fields).Select(i => $"X-{i}: 1\r\n"))}\r\n");

        Assert.Equal(status, (await client.ReadAnswerAsync())?.Status);
    }

    [Fact]
    public async Task Settings_hold_for_new_connections_as_soon_as_they_are_applied()
    {
        await using var server = await TestServer.StartAsync();

        server.Server.Apply(GatewaySettings.Default with { Http2MaxConcurrentStreams = 7, KeepAlive = TimeSpan.FromSeconds(1), ClientHeaderTimeout = TimeSpan.FromSeconds(1) });

        using var http2 = await RawHttp2Client.ConnectAsync(server.PlainEndPoint);
        using var slow = await RawClient.ConnectAsync(server.PlainEndPoint);
        using var idle = await RawClient.ConnectAsync(server.PlainEndPoint);
        using var silent = await RawClient.ConnectAsync(server.PlainEndPoint);
        await http2.RequestAsync(RawHttp2Client.Get("a"));
        Assert.Equal(7u, http2.ServerSettings[3]);
        await slow.SendAsync("GET / HTTP/1.1\r\nHost:");
        await idle.SendAsync(Get);
        Assert.Equal(200, (await idle.ReadAnswerAsync())?.Status);
        Assert.Equal(408, (await slow.ReadAnswerAsync())?.Status);
        Assert.True(await idle.ClosesAsync());
        Assert.True(await silent.ClosesAsync());
    }

    [Fact]
    public async Task Clients_that_reset_streams_as_fast_as_they_can_raise_no_alarm()
    {
        using var logs = new RecordedLogs();
        await using var server = await TestServer.StartAsync(loggers: logs);
        using var client = await RawHttp2Client.ConnectAsync(server.PlainEndPoint);

        try
        {
            for (var i = 0; i < 5_000; i++)
                await client.ResetAsync(await client.SendHeadersAsync(RawHttp2Client.Get("a"), endStream: true));
        }
        catch (IOException)
        {
            // Closed by the server.
        }

        // A server that keeps pace has no reason to close it.
        client.EndSending();
        await client.ReadToEndAsync();
        Assert.Empty(logs.Entries);
    }

    private static (int Current, long Total) Counts(TestServer server, string name) =>
        (server.Status(name).CurrentConnections, server.Status(name).TotalConnections);

    private static Task NameListenerAsync(IFeatureCollection features)
    {
        var listener = features.Get<ListenerFeature>()!;
        return features.AnswerAsync($"{listener.Name} {listener.IsTls} {features.Get<IHttpConnectionFeature>()!.LocalPort} {features.Get<IHttpRequestFeature>()!.Scheme}");
    }

    private sealed class WithoutIPv6 : IConnectionListenerFactory
    {
        private readonly SocketTransportFactory _sockets = new(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);

        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
            endpoint.AddressFamily == AddressFamily.InterNetworkV6
                ? throw new SocketException((int)SocketError.AddressFamilyNotSupported)
                : _sockets.BindAsync(endpoint, cancellationToken);
    }
}
