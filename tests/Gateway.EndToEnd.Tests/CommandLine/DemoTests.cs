using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.CommandLine;

/// <summary><c>gateway demo</c>, as somebody who copies what it prints meets it.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_answers_as_it_prints_from_any_folder_and_leaves_nothing_behind()
    {
        Tools.Require("curl");
        using var program = new ManifestDirectory();
        using var elsewhere = new ManifestDirectory();
        // The settings of another application, which ASP.NET Core would read from the working directory.
        elsewhere.Write("appsettings.json", """{ "Kestrel": { "Endpoints": { "Https": { "Url": "https://127.0.0.1:0" } } } }""");
        await using var gateway = GatewayProcess.LaunchCopy(
            program.Path, elsewhere.Path, "demo", "--http-port", "0", "--https-port", "0", "--admin-port", "0");
        await gateway.StartedAsync();
        var output = await Eventually.IsAsync(() => Task.FromResult(gateway.Output), text => text.Contains("Ctrl-C", StringComparison.Ordinal));
        var folder = output.Split("The manifests are in ")[1].Split(':')[0];
        Assert.True(Directory.Exists(folder));

        var lines = output.Split('\n');
        var commands = lines.Index().Where(line => line.Item.StartsWith("  curl ", StringComparison.Ordinal)).ToList();
        Assert.True(commands.Count >= 8, output);
        foreach (var (i, command) in commands)
            AssertAnswer(command, lines[i + 1].Trim()["-> ".Length..], await ShellAsync(command, elsewhere.Path));

        Assert.All([gateway.HttpPort, gateway.HttpsPort, gateway.AdminPort], AssertOnLoopbackOnly);
        Assert.Equal("appsettings.json", Path.GetFileName(Assert.Single(Directory.EnumerateFileSystemEntries(elsewhere.Path))));

        gateway.Signal("-INT");
        Assert.Equal(0, await gateway.ExitedAsync());
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task It_listens_elsewhere_when_it_is_told_to()
    {
        await using var gateway = GatewayProcess.Launch(["demo", "--bind-address", "127.0.0.2", "--http-port", "0", "--https-port", "0", "--admin-port", "0"]);
        await gateway.StartedAsync();

        foreach (var port in new[] { gateway.HttpPort, gateway.HttpsPort, gateway.AdminPort })
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Parse("127.0.0.2"), port, TestContext.Current.CancellationToken);
            // Not by dialling 127.0.0.1, where another program may have the same port.
            Assert.Contains($"127.0.0.2:{port}", gateway.Output, StringComparison.Ordinal);
            Assert.DoesNotContain($"127.0.0.1:{port}", gateway.Output, StringComparison.Ordinal);
        }
    }

    private static void AssertAnswer(string command, string printed, string answer)
    {
        if (printed.StartsWith("JSON: ", StringComparison.Ordinal))
        {
            Assert.Contains("Ingress demo/broken", answer, StringComparison.Ordinal);
            Assert.Contains("Service demo/shop-fronted does not exist", answer, StringComparison.Ordinal);
        }
        else
        {
            Assert.True(printed == answer.TrimEnd('\n'), $"{command}\nanswers {answer}\ninstead of {printed}");
        }
    }

    private static void AssertOnLoopbackOnly(int port)
    {
        var outside = NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address).Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        foreach (var address in outside)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            Assert.Throws<SocketException>(() => socket.Connect(address, port));
        }
    }

    private static async Task<string> ShellAsync(string command, string workingDirectory)
    {
        var start = new ProcessStartInfo(Tools.Require("bash"), ["-c", command]) { RedirectStandardOutput = true, WorkingDirectory = workingDirectory };
        using var shell = Process.Start(start)!;
        var output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, shell.ExitCode);
        return output;
    }
}
