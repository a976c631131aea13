using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>Whether client connections are kept.</summary>
public sealed class KeepAliveTests(KeepAliveTests.Off gateway) : IClassFixture<KeepAliveTests.Off>
{
    [Theory]
    [InlineData("", 200)]
    [InlineData("nobody", 404)]
    public async Task Turned_off_each_answer_ends_its_connection(string prefix, int status)
    {
        await using var backend = RawBackend.Always();
        var host = prefix + await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");

        var answer = await client.ReadAnswerAsync();
        Assert.Equal(status, answer.Status);
        Assert.Equal("close", answer["Connection"]);
        Assert.True(await client.ClosesAsync());
    }

    /// <summary>Keeps no connection.</summary>
    public sealed class Off : SharedGateway
    {
        protected override string Settings => "{keep-alive: \"0\"}";
    }
}
