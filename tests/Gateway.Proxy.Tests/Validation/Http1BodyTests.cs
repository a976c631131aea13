using Gateway.Proxy.Tests.Listeners;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy.Tests.Validation;

/// <summary>Chunked bodies, which the server checks: that a newer one still does.</summary>
public sealed class Http1BodyTests : IAsyncLifetime
{
    private const string Head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(async features =>
    {
        var body = await new StreamReader(features.Get<IHttpRequestFeature>()!.Body).ReadToEndAsync();
        await features.AnswerAsync(body);
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("3\nabc\r\n0\r\n\r\n")]
    [InlineData("3\r\nabc\n0\r\n\r\n")]
    [InlineData("3;x=y\nabc\r\n0\r\n\r\n")]
    [InlineData("3;x=\n\r\nabc\r\n0\r\n\r\n")]
    [InlineData("3;x=y\rz\r\nabc\r\n0\r\n\r\n")]
    [InlineData("3\r\nabcd\r\n0\r\n\r\n")]
    [InlineData("0x3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("+3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("-3\r\nabc\r\n0\r\n\r\n")]
    [InlineData(" 3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("3\r\nabc\r\n0\r\nX: y\n\r\n")]
    [InlineData("3\r\nabc\r\n0\r\nX y\r\n\r\n")]
    public async Task A_body_that_could_be_read_in_two_ways_is_refused_and_the_connection_closed(string body)
    {
        using var client = await RawClient.ConnectAsync(_server.PlainEndPoint);

        await client.SendAsync(Head + body);

        Assert.Equal(400, (await client.ReadAnswerAsync())?.Status);
        Assert.True(await client.ClosesAsync());
    }

    [Fact]
    public async Task A_chunk_size_that_overflows_is_not_taken_for_a_small_one()
    {
        using var client = await RawClient.ConnectAsync(_server.PlainEndPoint);

        await client.SendAsync(Head + "FFFFFFFFFFFFFFFF3\r\nabc\r\n0\r\n\r\n");

        // To the application it is a body that cannot be read.
        Assert.Equal(500, (await client.ReadAnswerAsync())?.Status);
        Assert.True(await client.ClosesAsync());
    }

    [Theory]
    [InlineData("3\r\nabc\r\n0\r\n\r\n", "abc")]
    [InlineData("1;x=\"y\"\r\na\r\n02\r\nbc\r\n000\r\nTrailer: x\r\n\r\n", "abc")]
    [InlineData("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789")]
    public async Task A_chunked_body_without_fault_passes_and_the_connection_lives_on(string body, string read)
    {
        using var client = await RawClient.ConnectAsync(_server.PlainEndPoint);

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync(Head + body);
            Assert.Equal(read, (await client.ReadAnswerAsync())?.Body);
        }
    }
}
