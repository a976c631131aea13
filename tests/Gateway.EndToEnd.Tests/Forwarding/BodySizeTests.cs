using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>The limit on request bodies: ingress-nginx's 1 MiB unless configured otherwise.</summary>
public sealed class BodySizeTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    private const int Megabyte = 1 << 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_1_MiB_passes_and_a_longer_one_gets_413(bool chunked)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);

        Assert.Equal(HttpStatusCode.OK, await PostAsync(host, Megabyte, chunked));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(host, Megabyte + 1, chunked));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(host, 8 * Megabyte, chunked));
    }

    [Fact]
    public async Task A_declared_length_is_refused_before_any_of_the_body_and_the_connection_closes()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {Megabyte + 1}\r\nExpect: 100-continue\r\n\r\n");

        var answer = await client.ReadHeadAsync();
        Assert.Equal(413, answer.Status);
        Assert.Equal("close", answer["Connection"]);
        await client.ReadBodyAsync(answer);
        client.CloseWrite(); // A server that closes waits for this, a few seconds long, so that the answer is not lost.
        Assert.True(await client.ClosesAsync());
        Assert.Equal(0, backend.Connections);
    }

    [Fact]
    public async Task A_chunked_body_that_grows_too_long_closes_the_connection()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n");
        await client.SendAsync($"{Megabyte + 1:x}\r\n{new string('x', Megabyte + 1)}\r\n");

        var answer = await client.ReadAnswerAsync();
        Assert.Equal(413, answer.Status);
        Assert.Equal("close", answer["Connection"]);
        client.CloseWrite();
        Assert.True(await client.ClosesAsync());
    }

    [Fact]
    public async Task A_client_that_sends_all_of_a_body_that_is_refused_still_reads_the_answer()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {4 * Megabyte}\r\n\r\n");
        await client.SendAsync(new byte[4 * Megabyte]);

        Assert.Equal(413, (await client.ReadAnswerAsync()).Status);
    }

    [Theory]
    [InlineData("2m", 2 * Megabyte, HttpStatusCode.OK)]
    [InlineData("2m", (2 * Megabyte) + 1, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("10", 11, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("0", 40 * Megabyte, HttpStatusCode.OK)]
    public async Task An_annotation_sets_the_limit_of_its_routes(string limit, int length, HttpStatusCode expected)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port, annotations: [("proxy-body-size", limit)]);

        Assert.Equal(expected, await PostAsync(host, length, chunked: false));
        Assert.Equal(expected, await PostAsync(host, length, chunked: true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_limit_holds_over_HTTP_2(bool declared)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);

        Assert.Equal(HttpStatusCode.OK, await PostAsync(host, Megabyte, !declared, "2.0"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(host, Megabyte + 1, !declared, "2.0"));
    }

    private async Task<HttpStatusCode> PostAsync(string host, int length, bool chunked, string version = "1.1")
    {
        using var request = Requests.Create(
            "POST", $"http://{host}/", version,
            chunked ? new StreamContent(new ForwardOnlyStream(new byte[length])) : new ByteArrayContent(new byte[length]));
        // As curl does with large bodies: so the answer is not lost to a connection that closes under the upload.
        request.Headers.ExpectContinue = version == "1.1";
        using var answer = await gateway.Client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }

    [Theory]
    [InlineData("FFFFFFFF")]
    [InlineData("FFFFFFFFFFFFFFFFF")]
    public async Task A_chunk_size_out_of_range_is_a_bad_request(string size)
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\nabc\r\n0\r\n\r\n");

        Assert.Equal(400, (await client.ReadAnswerAsync()).Status);
    }
}
