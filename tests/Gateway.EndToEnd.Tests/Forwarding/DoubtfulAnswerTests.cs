using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>Answers whose end two parties could find in different places (RFC 9112 6.3).</summary>
public sealed class DoubtfulAnswerTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("Content-Length: 3\r\nTransfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 3")]
    [InlineData("Transfer-Encoding: gzip, chunked")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: xchunked")]
    [InlineData("Transfer-Encoding: identity")]
    [InlineData("Content-Length: 3\r\nContent-Length: 5")]
    [InlineData("Content-Length: +5")]
    public async Task One_is_a_broken_answer(string framing)
    {
        await using var backend = RawBackend.Always($"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");

        Assert.Equal(502, (await client.ReadAnswerAsync()).Status);
    }
}
