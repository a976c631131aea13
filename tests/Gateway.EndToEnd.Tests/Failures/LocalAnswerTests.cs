using System.Text.Json;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Failures;

/// <summary>What the gateway says itself.</summary>
public sealed class LocalAnswerTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    /// <summary>Ways to get an answer of the gateway's own: status and reason.</summary>
    public static TheoryData<int, string> Failures => new() { { 404, "no_route" }, { 502, "connect_failed" }, { 503, "no_endpoints" }, { 413, "body_too_large" } };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_browser_gets_a_page_with_the_request_id(int status, string reason)
    {
        var answer = await FailAsync(reason, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

        Assert.Equal(status, answer.Status);
        Assert.Equal("text/html; charset=utf-8", answer["Content-Type"]);
        Assert.StartsWith("<!doctype html>", answer.Body, StringComparison.Ordinal);
        Assert.Contains($"<h1>{status} ", answer.Body, StringComparison.Ordinal);
        Assert.Contains("my-id&lt;1", answer.Body, StringComparison.Ordinal);
        AssertSaysNothingOfTheInside(answer);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_program_gets_JSON_with_the_request_id(int status, string reason)
    {
        var answer = await FailAsync(reason, "application/json");

        Assert.Equal(status, answer.Status);
        Assert.Equal("application/json", answer["Content-Type"]);
        using var json = JsonDocument.Parse(answer.Body);
        Assert.Equal(status, json.RootElement.GetProperty("status").GetInt32());
        Assert.Equal(reason, json.RootElement.GetProperty("reason").GetString());
        Assert.Equal("my-id<1", json.RootElement.GetProperty("requestId").GetString());
        AssertSaysNothingOfTheInside(answer);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Others_get_plain_text_with_the_request_id(int status, string reason)
    {
        var answer = await FailAsync(reason, "*/*");

        Assert.Equal(status, answer.Status);
        Assert.Equal("text/plain; charset=utf-8", answer["Content-Type"]);
        Assert.Contains("my-id<1", answer.Body, StringComparison.Ordinal);
        AssertSaysNothingOfTheInside(answer);
    }

    [Fact]
    public async Task A_request_without_an_id_is_given_one_that_the_log_knows()
    {
        var host = await gateway.ServeAsync([Ports.Closed()]);
        var answer = await gateway.Client.AskAsync($"http://{host}/", ("Accept", "application/json"));

        using var json = JsonDocument.Parse(answer.Body);
        var id = json.RootElement.GetProperty("requestId").GetString()!;
        Assert.Equal(32, id.Length);
        await Eventually.IsAsync(() => Task.FromResult(gateway.Gateway.Log), log => log.Contains(id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_answer_to_HEAD_has_no_body()
    {
        await using var client = await gateway.DialAsync();

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync("HEAD / HTTP/1.1\r\nHost: nobody.test\r\n\r\n");
            var answer = await client.ReadAnswerAsync(bodiless: true);
            Assert.Equal(404, answer.Status);
            Assert.NotEqual("0", answer["Content-Length"]);
        }
    }

    [Fact]
    public async Task A_connection_goes_on_after_an_answer_of_the_gateway()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: nobody.test\r\nContent-Length: 5\r\n\r\nhello");
        Assert.Equal(404, (await client.ReadAnswerAsync()).Status);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task A_balancer_that_probes_by_address_is_told_200_and_a_served_host_answers_itself()
    {
        await using var backend = RawBackend.Always("HTTP/1.1 299 Mine\r\nContent-Length: 0\r\n\r\n");
        var host = await gateway.ServeAsync(backend.Port);

        foreach (var scheme in new[] { "http", "https" })
        {
            var probe = await gateway.Client.AskAsync($"{scheme}://127.0.0.1/healthz");
            Assert.Equal((200, ""), ((int)probe.Status, probe.Body));
            Assert.Equal(299, (int)(await gateway.Client.AskAsync($"{scheme}://{host}/healthz")).Status);
        }
    }

    private async Task<RawMessage> FailAsync(string reason, string accept)
    {
        var host = reason == "no_route" ? "nobody.test" : await gateway.ServeAsync(reason == "no_endpoints" ? [] : [Ports.Closed()]);
        await using var client = await gateway.DialAsync();
        await client.SendAsync(
            $"POST / HTTP/1.1\r\nHost: {host}\r\nAccept: {accept}\r\nX-Request-ID: my-id<1\r\nContent-Length: {(reason == "body_too_large" ? 1 << 30 : 0)}\r\n\r\n");
        return await client.ReadAnswerAsync();
    }

    private static void AssertSaysNothingOfTheInside(RawMessage answer)
    {
        foreach (var word in new[] { "127.0.0.1", "   at ", "Exception", "default/" })
            Assert.DoesNotContain(word, answer.Body, StringComparison.Ordinal);
        Assert.Null(answer["Server"]);
    }
}
