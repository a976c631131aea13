using System.CommandLine;
using System.Net;
using Gateway.Hosting;

namespace Gateway.CommandLine;

/// <summary><c>gateway run</c>.</summary>
internal static class RunCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var manifests = OptionTypes.Text(
            "--manifests", "DIR",
            "Serve a folder of Kubernetes YAML or JSON (Ingress, IngressClass, Service, EndpointSlice, Secret, ConfigMap) in the place of a cluster. It is read whole, with its subfolders, and followed as it changes.");
        manifests.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var path }] && File.Exists(path))
                result.AddError($"--manifests: '{path}' is a file. Name the folder that it is in.");
        });
        var command = new Command("run", "Serve the Ingress rules of a cluster, or of a folder of manifests, and follow every change while serving.")
        {
            manifests,
        };
        var arguments = ServerArguments.AddTo(command, IPAddress.IPv6Any);
        var cluster = ClusterArguments.AddTo(command, manifests);
        command.SetAction((parsed, cancellation) => GatewayServer.RunAsync(
            arguments.Read(parsed, parsed.GetValue(manifests), cluster.Read(parsed)), Console.Out, cancellation));
        return command;
    }
}
