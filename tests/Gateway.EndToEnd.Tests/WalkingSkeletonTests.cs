using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests;

/// <summary>The shortest walk through everything: YAML in, traffic through, an edit followed, a mistake named.</summary>
public sealed class WalkingSkeletonTests
{
    [Fact]
    public async Task Two_hosts_are_served_an_edit_is_followed_and_a_mistake_is_named()
    {
        await using var red = await TestBackend.StartAsync("red");
        await using var blue = await TestBackend.StartAsync("blue");
        using var folder = new ManifestDirectory();
        folder.Write("services.yaml", Yaml.Service("red", red.Port) + Yaml.Service("blue", blue.Port));
        folder.Write("a.yaml", Yaml.Ingress("a", "a.test", "red"));
        folder.Write("b.yaml", Yaml.Ingress("b", "b.test", "blue"));
        folder.Write("c.yaml", Yaml.Ingress("c", "c.test", "green"));
        await using var gateway = await GatewayProcess.RunAsync(folder.Path);
        using var client = new HttpClient();

        Assert.Equal((HttpStatusCode.OK, "red"), await GetAsync(client, gateway, "a.test"));
        Assert.Equal((HttpStatusCode.OK, "blue"), await GetAsync(client, gateway, "b.test"));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, gateway, "nobody.test")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync(client, gateway, "c.test")).Status);
        var diagnostics = await gateway.ReadAsync("/api/diagnostics");
        Assert.Contains("green", diagnostics.GetProperty("items").ToString(), StringComparison.Ordinal);

        folder.Write("a.yaml", Yaml.Ingress("a", "a.test", "blue"));
        await Eventually.IsAsync(() => GetAsync(client, gateway, "a.test"), answer => answer == (HttpStatusCode.OK, "blue"));
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(HttpClient client, GatewayProcess gateway, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Http()) { Headers = { Host = host } };
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
