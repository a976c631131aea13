using System.CommandLine;
using System.Net;
using Gateway.Demo;
using Gateway.Hosting;

namespace Gateway.CommandLine;

/// <summary><c>gateway demo</c>.</summary>
internal static class DemoCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("demo", "Start three sample backends and serve the bundled manifests with them, on loopback; prints curl lines to try.");
        var arguments = ServerArguments.AddTo(command, IPAddress.Loopback);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var backends = await SampleBackends.StartAsync(cancellation);
            using var folder = DemoFolder.Create(backends);
            return await GatewayServer.RunAsync(
                arguments.Read(parsed, folder.Path), Console.Out, cancellation, addresses => DemoGuide.Write(addresses, folder.Path));
        });
        return command;
    }
}
