using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.CommandLine;

/// <summary>What a start prints and logs, and where it listens.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task The_start_block_says_where_and_how_much_is_served()
    {
        using var folder = FolderWithAProblem();
        await using var gateway = await GatewayProcess.RunAsync(folder.Path);
        var admin = $"http://127.0.0.1:{gateway.AdminPort}";
        Assert.Equal(
            [
                $"gateway is serving  {folder.Path}",
                $"  http              127.0.0.1:{gateway.HttpPort}",
                $"  https             127.0.0.1:{gateway.HttpsPort}",
                $"  admin             {admin}/api/routes",
                "  serving           3 Ingresses, 2 hosts, 3 routes, 2 endpoints",
                "  skipped           1 object of a kind that is not served",
                $"  problems          1 (see {admin}/api/diagnostics)",
            ],
            gateway.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All([gateway.HttpPort, gateway.HttpsPort, gateway.AdminPort], port => Assert.InRange(port, 1024, 65535));
    }

    [Fact]
    public async Task Json_logs_are_one_object_a_line()
    {
        using var folder = FolderWithAProblem();
        await using var gateway = await GatewayProcess.RunAsync(folder.Path, "--log-format", "json", "--log-level", "debug");
        gateway.Terminate();
        Assert.Equal(0, await gateway.ExitedAsync());

        var lines = gateway.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(lines, line => Assert.True(DateTimeOffset.TryParse(line.GetProperty("Timestamp").GetString(), out _)));
        var problem = Assert.Single(lines, line => line.GetProperty("LogLevel").GetString() == "Error");
        Assert.Contains("Ingress default/c", problem.GetProperty("Message").GetString(), StringComparison.Ordinal);
        Assert.Contains(lines, line => line.GetProperty("LogLevel").GetString() == "Information");
        Assert.Contains(lines, line => line.GetProperty("LogLevel").GetString() == "Debug");
    }

    [Fact]
    public async Task Nothing_below_the_log_level_is_logged()
    {
        using var folder = FolderWithAProblem();
        await using var gateway = await GatewayProcess.RunAsync(folder.Path, "--log-level", "error");
        gateway.Terminate();
        Assert.Equal(0, await gateway.ExitedAsync());
        Assert.Contains("Service default/absent does not exist", Assert.Single(gateway.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, HttpStatusCode.Forbidden)]
    [InlineData(true, HttpStatusCode.OK)]
    public async Task Peers_from_elsewhere_read_the_probes_and_all_else_only_when_allowed(bool allowed, HttpStatusCode status)
    {
        var address = NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address).FirstOrDefault(one => one.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(one));
        Assert.SkipWhen(address is null, "this machine has no address but loopback");
        using var folder = new ManifestDirectory();
        await using var gateway = GatewayProcess.Launch([
            "run", "--manifests", folder.Path, "--http-port", "0", "--https-port", "0", "--admin-port", "0",
            .. allowed ? ["--admin-allow-cidr", "192.0.2.99/32", "--admin-allow-cidr", $"{address}/32"] : Array.Empty<string>()]);
        await gateway.StartedAsync();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync($"http://{address}:{gateway.AdminPort}/healthz")).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync($"http://{address}:{gateway.AdminPort}/readyz")).Status);
        Assert.Equal(status, (await client.AskAsync($"http://{address}:{gateway.AdminPort}/api/routes")).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync($"http://127.0.0.1:{gateway.AdminPort}/api/routes")).Status);
    }

    [Fact]
    public async Task By_default_IPv4_and_IPv6_are_served_on_all_ports()
    {
        using var folder = new ManifestDirectory();
        await using var gateway = GatewayProcess.Launch("run", "--manifests", folder.Path, "--http-port", "0", "--https-port", "0", "--admin-port", "0");
        await gateway.StartedAsync();

        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } });
        foreach (var host in Socket.OSSupportsIPv6 ? ["127.0.0.1", "[::1]"] : new[] { "127.0.0.1" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await client.AskAsync($"http://{host}:{gateway.HttpPort}/")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await client.AskAsync($"https://{host}:{gateway.HttpsPort}/")).Status);
            Assert.Equal(HttpStatusCode.OK, (await client.AskAsync($"http://{host}:{gateway.AdminPort}/api/routes")).Status);
        }
        Assert.Contains($"http://localhost:{gateway.AdminPort}/", gateway.Output, StringComparison.Ordinal);
    }

    private static ManifestDirectory FolderWithAProblem()
    {
        var folder = new ManifestDirectory();
        folder.Write("web.yaml", Yaml.Service("web", 9, 10));
        folder.Write("a.yaml", Yaml.Ingress("a", "a.test", "web"));
        folder.Write("b.yaml", Yaml.Ingress("b", "b.test", "web"));
        folder.Write("c.yaml", Yaml.Ingress("c", "b.test", "absent", "/c"));
        folder.Write("d.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: d }\n");
        return folder;
    }
}
