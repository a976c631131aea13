using System.Net;
using Gateway.Proxy.Listeners;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy.Tests.Listeners;

public sealed class ProxyServerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static Task NameListenerAsync(IFeatureCollection features)
    {
        var listener = features.Get<ListenerFeature>()!;
        return features.AnswerAsync($"{listener.Name} {listener.IsTls} {listener.LocalPort} {features.Get<IHttpRequestFeature>()!.Scheme}");
    }

    [Fact]
    public async Task A_request_knows_the_listener_that_it_came_through()
    {
        await using var server = await TestServer.StartAsync(NameListenerAsync);
        using var plain = await RawClient.ConnectAsync(server.PlainEndPoint);
        using var tls = await RawClient.ConnectTlsAsync(server.TlsEndPoint, "a");

        await plain.SendAsync(Get);
        await tls.SendAsync(Get);

        Assert.Equal($"http False {server.PlainEndPoint.Port} http", (await plain.ReadAnswerAsync())!.Body);
        Assert.Equal($"https True {server.TlsEndPoint.Port} https", (await tls.ReadAnswerAsync())!.Body);
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_harms_nothing()
    {
        await using var server = await TestServer.StartAsync(NameListenerAsync);

        var exception = await Assert.ThrowsAsync<IOException>(() => server.OpenAsync("other", isTls: false, server.PlainEndPoint.Port));

        Assert.Contains($"'other' cannot open 127.0.0.1:{server.PlainEndPoint.Port}: the port is in use", exception.Message, StringComparison.Ordinal);
        using var client = await RawClient.ConnectAsync(server.PlainEndPoint);
        await client.SendAsync(Get);
        Assert.Equal(200, (await client.ReadAnswerAsync())!.Status);
    }

    [Fact]
    public async Task A_dual_stack_listener_takes_IPv4()
    {
        await using var server = await TestServer.StartAsync(NameListenerAsync);
        var endPoint = await server.Server.OpenAsync(new ListenerDefinition("dual", IPAddress.IPv6Any, 0, IsTls: false), TestContext.Current.CancellationToken);

        using var client = await RawClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, endPoint.Port));
        await client.SendAsync(Get);

        Assert.StartsWith("dual", (await client.ReadAnswerAsync())!.Body, StringComparison.Ordinal);
    }
}
