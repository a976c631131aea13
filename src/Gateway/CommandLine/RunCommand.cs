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
        var manifests = new Option<string>("--manifests")
        {
            Description = "Folder of Kubernetes YAML or JSON (Ingress, IngressClass, Service, EndpointSlice, Secret, ConfigMap). It is read whole, with its subfolders, and followed as it changes.",
            HelpName = "DIR",
            Required = true,
        };
        manifests.Validators.Add(static result =>
        {
            // What a script makes of a variable that is not set.
            if (result.Tokens is [{ Value: "" }])
                result.AddError("--manifests: the name of the folder is empty.");
        });
        var command = new Command("run", "Serve the Ingress rules of a folder, and follow its changes while serving. Needs no cluster.")
        {
            manifests,
        };
        var arguments = ServerArguments.AddTo(command, IPAddress.IPv6Any);
        command.SetAction((parsed, cancellation) => GatewayServer.RunAsync(arguments.Read(parsed, parsed.GetValue(manifests)!), Console.Out, cancellation));
        return command;
    }
}
