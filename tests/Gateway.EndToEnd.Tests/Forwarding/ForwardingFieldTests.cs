using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>What upstreams are told about the client, and what clients cannot tell them.</summary>
public sealed class ForwardingFieldTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Upstreams_learn_who_asked_for_what_over_http()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);

        var received = await ReceivedAsync(backend, $"GET / HTTP/1.1\r\nHost: {host}:1234\r\n\r\n");

        Assert.Equal("127.0.0.1", received["X-Real-IP"]);
        Assert.Equal("127.0.0.1", received["X-Forwarded-For"]);
        Assert.Equal(host + ":1234", received["X-Forwarded-Host"]);
        Assert.Equal(gateway.Gateway.HttpPort.ToString(CultureInfo.InvariantCulture), received["X-Forwarded-Port"]);
        Assert.Equal("http", received["X-Forwarded-Proto"]);
        Assert.Equal("http", received["X-Forwarded-Scheme"]);
        Assert.Equal("http", received["X-Scheme"]);
        Assert.Null(received["X-Original-Forwarded-For"]);
        Assert.Null(received["X-Original-URI"]);
    }

    [Fact]
    public async Task Upstreams_learn_who_asked_for_what_over_https()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialTlsAsync(host);

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        await client.ReadAnswerAsync();
        var received = await backend.NextRequestAsync();

        Assert.Equal("443", received["X-Forwarded-Port"]);
        Assert.Equal("https", received["X-Forwarded-Proto"]);
        Assert.Equal("https", received["X-Forwarded-Scheme"]);
        Assert.Equal("https", received["X-Scheme"]);
        Assert.Equal(host, received["X-Forwarded-Host"]);
    }

    [Fact]
    public async Task What_a_client_says_of_itself_is_replaced()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);

        var received = await ReceivedAsync(
            backend,
            $"""
            GET / HTTP/1.1
            Host: {host}
            X-Real-IP: 6.6.6.6
            X-Forwarded-For: 6.6.6.6
            x-forwarded-for: 7.7.7.7, 8.8.8.8
            X-Forwarded-Host: evil.test
            X-Forwarded-Port: 99
            X-Forwarded-Proto: https
            X-Forwarded-Scheme: https
            X-Forwarded-Prefix: /evil
            X-Forwarded-Server: evil
            X-Scheme: https
            X-Original-Forwarded-For: 9.9.9.9
            X-Original-URI: /evil
            Forwarded: for=6.6.6.6
            ssl-client-verify: SUCCESS
            X_Forwarded_For: 6.6.6.6
            X-Forwarded_Proto: https
            Client_Id: kept by nobody


            """.ReplaceLineEndings("\r\n"));

        Assert.Equal("127.0.0.1", received["X-Real-IP"]);
        Assert.Equal("127.0.0.1", received["X-Forwarded-For"]);
        Assert.Equal(host, received["X-Forwarded-Host"]);
        Assert.Equal("http", received["X-Forwarded-Proto"]);
        Assert.Equal("http", received["X-Forwarded-Scheme"]);
        Assert.Equal("http", received["X-Scheme"]);
        Assert.Equal(gateway.Gateway.HttpPort.ToString(CultureInfo.InvariantCulture), received["X-Forwarded-Port"]);
        Assert.Equal("6.6.6.6, 7.7.7.7, 8.8.8.8", received["X-Original-Forwarded-For"]);
        Assert.Equal("evil.test", received["X-Original-Forwarded-Host"]);
        Assert.Null(received["X-Forwarded-Prefix"]);
        Assert.Null(received["X-Forwarded-Server"]);
        Assert.Null(received["X-Original-URI"]);
        Assert.Null(received["Forwarded"]);
        Assert.Null(received["ssl-client-verify"]);
        Assert.DoesNotContain(received.Fields, field => field.Name.Contains('_', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sane_request_id_is_kept()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);

        Assert.Equal("mine-42", (await ReceivedAsync(backend, $"GET / HTTP/1.1\r\nHost: {host}\r\nX-Request-ID: mine-42\r\n\r\n"))["X-Request-ID"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("X-Request-ID: \r\n")]
    [InlineData("X-Request-ID: two words\r\n")]
    [InlineData("X-Request-ID: a\r\nX-Request-ID: b\r\n")]
    [InlineData("X-Request-ID: caf\u00e9\r\n")]
    [InlineData("X-Request-ID: 1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890\r\n")]
    public async Task Any_other_request_id_is_replaced_by_a_new_one(string field)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);

        var first = (await ReceivedAsync(backend, $"GET / HTTP/1.1\r\nHost: {host}\r\n{field}\r\n"))["X-Request-ID"];
        var second = (await ReceivedAsync(backend, $"GET / HTTP/1.1\r\nHost: {host}\r\n{field}\r\n"))["X-Request-ID"];

        Assert.Matches(new Regex("^[0-9a-f]{32}$"), first);
        Assert.Matches(new Regex("^[0-9a-f]{32}$"), second);
        Assert.NotEqual(first, second);
    }

    private async Task<RawMessage> ReceivedAsync(RawBackend backend, string request)
    {
        await using var client = await gateway.DialAsync();
        await client.SendAsync(request);
        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
        return await backend.NextRequestAsync();
    }
}
