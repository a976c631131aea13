using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Telemetry;

/// <summary>The access log of the program as it is shipped.</summary>
public sealed class AccessLogTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task It_is_on_standard_output_and_off_where_an_Ingress_says_so()
    {
        await using var backend = RawBackend.Always();
        var told = await gateway.ServeAsync(backend.Port);
        var silent = await gateway.ServeAsync(backend.Port, annotations: [("enable-access-log", "false")]);

        await gateway.Client.AskAsync($"http://{silent}/silent");
        await gateway.Client.AskAsync($"http://{told}/told");

        await Eventually.IsAsync(() => Task.FromResult(gateway.Gateway.Output), output => output.Contains("\"GET /told HTTP/1.1\" 200 2 ", StringComparison.Ordinal));
        Assert.DoesNotContain("/silent", gateway.Gateway.Output, StringComparison.Ordinal);
    }
}
