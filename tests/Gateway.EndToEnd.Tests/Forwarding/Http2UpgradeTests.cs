using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>The upgrade to HTTP/2 in clear, of old (RFC 7540 3.2): a tunnel in which no request would meet a route.</summary>
public sealed class Http2UpgradeTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("h2c")]
    [InlineData("websocket, H2C")]
    public async Task A_backend_is_not_asked_for_it(string protocols)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync(
            $"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: {protocols}\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");

        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
        var request = await backend.NextRequestAsync();
        Assert.Null(request["Upgrade"]);
        Assert.Null(request["Connection"]);
        Assert.Null(request["HTTP2-Settings"]);
    }
}
