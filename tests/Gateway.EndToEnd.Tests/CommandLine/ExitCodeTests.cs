using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.CommandLine;

/// <summary>How the process ends: 0 fine, 1 failure at run time, 2 bad usage.</summary>
public sealed class ExitCodeTests
{
    [Theory]
    [InlineData("--help", "run", "demo")]
    [InlineData("run --help", "--manifests <DIR>", "--log-format <text|json>")]
    public async Task Help_goes_to_standard_output_and_ends_with_0(string arguments, string text, string more)
    {
        await using var gateway = GatewayProcess.Launch(arguments.Split(' '));
        Assert.Equal(0, await gateway.ExitedAsync());
        Assert.Contains(text, gateway.Output, StringComparison.Ordinal);
        Assert.Contains(more, gateway.Output, StringComparison.Ordinal);
        Assert.Empty(gateway.Log);
    }

    [Theory]
    [InlineData("", "gateway: Required command was not provided.", "gateway --help")]
    [InlineData("demo --http-port x", "gateway: --http-port: 'x' is not a port: a number from 0 to 65535.", "gateway demo --help")]
    public async Task Bad_usage_goes_to_standard_error_and_ends_with_2(string arguments, string error, string help)
    {
        await using var gateway = GatewayProcess.Launch(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, await gateway.ExitedAsync());
        Assert.Equal([error, $"Try '{help}'."], gateway.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(gateway.Output);
    }

    [Theory]
    [InlineData("--http-port", "Listener 'http' cannot open 127.0.0.1:{0}: the port is in use. Free it or choose another.")]
    [InlineData("--https-port", "Listener 'https' cannot open 127.0.0.1:{0}: the port is in use. Free it or choose another.")]
    [InlineData("--admin-port", "Admin API cannot open 127.0.0.1:{0}: the port is in use. Free it or choose another.")]
    public async Task A_port_in_use_is_named_and_ends_with_1(string option, string message)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        Dictionary<string, string> ports = new() { ["--http-port"] = "0", ["--https-port"] = "0", ["--admin-port"] = "0", [option] = port };
        await AssertFailsAsync(
            string.Format(CultureInfo.InvariantCulture, message, port),
            ["--bind-address", "127.0.0.1", .. ports.SelectMany(pair => new[] { pair.Key, pair.Value })]);
    }

    [Fact]
    public Task An_address_of_another_machine_is_named_and_ends_with_1() => AssertFailsAsync(
        "Admin API cannot open 192.0.2.77:0: Cannot assign requested address.",
        ["--bind-address", "192.0.2.77", "--http-port", "0", "--https-port", "0", "--admin-port", "0"]);

    [Theory]
    [InlineData("-TERM")]
    [InlineData("-INT")]
    public async Task A_signal_to_stop_ends_with_0(string signal)
    {
        using var folder = new ManifestDirectory();
        await using var gateway = await GatewayProcess.RunAsync(folder.Path);
        gateway.Signal(signal);
        Assert.Equal(0, await gateway.ExitedAsync());
        Assert.Contains("Drained: every request in flight was answered.", gateway.Log, StringComparison.Ordinal);
    }

    private static async Task AssertFailsAsync(string message, string[] arguments)
    {
        using var folder = new ManifestDirectory();
        await using var gateway = GatewayProcess.Launch(["run", "--manifests", folder.Path, .. arguments]);
        Assert.Equal(1, await gateway.ExitedAsync());
        Assert.EndsWith($"Cannot start: {message}", Assert.Single(gateway.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }
}
