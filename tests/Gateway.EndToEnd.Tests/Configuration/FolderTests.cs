using System.Net;
using System.Net.Sockets;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Configuration;

/// <summary>The folder as a whole: missing, vanishing, large.</summary>
public sealed class FolderTests
{
    [Fact]
    public async Task Until_the_folder_is_there_the_gateway_is_alive_but_not_ready_and_its_ports_are_closed()
    {
        using var place = new ManifestDirectory();
        await using var web = await EchoBackend.StartAsync("web");
        var folder = Path.Combine(place.Path, "manifests");
        using var ports = new ChosenPorts();
        await using var gateway = GatewayProcess.Launch(["run", "--manifests", folder, .. ports.Options]);

        var diagnostic = $"{folder}: the manifest folder does not exist. Create it, or correct --manifests.";
        await LoggedAsync(gateway, $"Waiting for {folder}");
        Assert.Equal(1, Count(gateway, diagnostic));
        using var client = new HttpClient();
        var admin = $"http://127.0.0.1:{ports.Admin}";
        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync($"{admin}/healthz")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.AskAsync($"{admin}/readyz")).Status);
        Assert.Contains("the manifest folder does not exist", (await client.AskAsync($"{admin}/api/diagnostics")).Body, StringComparison.Ordinal);
        foreach (var port in new[] { ports.Http, ports.Https })
            await Assert.ThrowsAsync<SocketException>(async () => await TlsClient.ConnectAsync(port, TestContext.Current.CancellationToken));

        place.Write("staged/all.yaml", Yaml.Service("web", web.Port) + Yaml.Ingress("a", "a.test", "web"));
        Directory.Move(Path.Combine(place.Path, "staged"), folder);
        await gateway.StartedAsync();
        using var served = GatewayHttp.Client(gateway);
        Assert.Equal("web", (await served.AskAsync("http://a.test/")).From);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync($"{admin}/readyz")).Status);
        Assert.Equal(1, Count(gateway, $"Cured: {diagnostic}"));
    }

    [Fact]
    public async Task A_folder_that_vanishes_is_served_on_and_followed_again_when_it_is_back()
    {
        using var place = new ManifestDirectory();
        await using var web = await EchoBackend.StartAsync("web");
        var (folder, away) = (Path.Combine(place.Path, "manifests"), Path.Combine(place.Path, "away"));
        place.Write("manifests/all.yaml", Yaml.Service("web", web.Port) + Yaml.Ingress("a", "a.test", "web"));
        await using var gateway = await GatewayProcess.RunAsync(folder);
        using var client = GatewayHttp.Client(gateway);

        Directory.Move(folder, away);
        var diagnostic = $"{folder}: the manifest folder does not exist. Create it, or correct --manifests.";
        await LoggedAsync(gateway, diagnostic);
        Assert.Equal("web", (await client.AskAsync("http://a.test/")).From);

        Directory.Move(away, folder);
        await LoggedAsync(gateway, $"Cured: {diagnostic}");
        Assert.Equal("web", (await client.AskAsync("http://a.test/")).From);
        place.Write("manifests/b.yaml", Yaml.Ingress("b", "b.test", "web"));
        await Eventually.IsAsync(() => client.AskAsync("http://b.test/"), answer => answer.From == "web");
        Assert.Equal(1, Count(gateway, $"Cured: {diagnostic}"));
        Assert.Equal(2, Count(gateway, diagnostic));
    }

    [Fact]
    public async Task Ten_thousand_files_are_served_and_followed()
    {
        using var folder = new ManifestDirectory();
        await using var web = await EchoBackend.StartAsync("web");
        folder.Write("web.yaml", Yaml.Service("web", web.Port));
        for (var i = 0; i < 10_000; i++)
        {
            if (i % 100 == 0)
                Directory.CreateDirectory(Path.Combine(folder.Path, $"{i / 100}"));
            await File.WriteAllTextAsync(
                Path.Combine(folder.Path, $"{i / 100}", $"{i}.yaml"), Yaml.Ingress($"i{i}", $"h{i}.test", "web"), TestContext.Current.CancellationToken);
        }
        await using var gateway = await GatewayProcess.RunAsync(folder.Path);
        using var client = GatewayHttp.Client(gateway);
        Assert.Contains("10000 Ingresses, 10000 hosts, 10000 routes, 1 endpoint", gateway.Output, StringComparison.Ordinal);
        Assert.Equal("web", (await client.AskAsync("http://h9999.test/")).From);

        folder.Write("50/5000.yaml", Yaml.Ingress("i5000", "moved.test", "web"));
        await Eventually.IsAsync(() => client.AskAsync("http://moved.test/"), answer => answer.From == "web");
        Assert.Equal(HttpStatusCode.NotFound, (await client.AskAsync("http://h5000.test/")).Status);
    }

    private static Task<string> LoggedAsync(GatewayProcess gateway, string text) =>
        Eventually.IsAsync(() => Task.FromResult(gateway.Log), log => log.Contains(text, StringComparison.Ordinal));

    private static int Count(GatewayProcess gateway, string text) => gateway.Log.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));
}
