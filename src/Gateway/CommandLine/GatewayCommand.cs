using System.CommandLine;

namespace Gateway.CommandLine;

/// <summary>The command line: what can be typed, what it means, and the exit code.</summary>
internal static class GatewayCommand
{
    /// <summary>Parses <paramref name="args"/> and runs the command; returns one of <see cref="ExitCode"/>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Parse(args);
        // Signals are the server's business: it drains.
        var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
        if (parsed.Errors.Count == 0)
            return await parsed.InvokeAsync(configuration);

        foreach (var error in parsed.Errors)
            await Console.Error.WriteLineAsync($"gateway: {error.Message}");
        await Console.Error.WriteLineAsync($"Try '{CommandLineOf(parsed.CommandResult)} --help'.");
        return ExitCode.Usage;
    }

    /// <summary>Parses <paramref name="args"/>, and runs nothing.</summary>
    internal static ParseResult Parse(IReadOnlyList<string> args) =>
        new RootCommand(
            "A Layer-7 ingress gateway for Kubernetes: serves the Ingress rules of a cluster, or of a folder of ordinary YAML, and follows every change while it serves.")
        {
            RunCommand.Create(),
            DemoCommand.Create(),
        }.Parse(args);

    private static string CommandLineOf(System.CommandLine.Parsing.CommandResult result) =>
        result.Parent is System.CommandLine.Parsing.CommandResult ? $"gateway {result.Command.Name}" : "gateway";
}

/// <summary>What the process tells its parent.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It failed while it ran.</summary>
    public const int Failure = 1;

    /// <summary>It was called wrongly.</summary>
    public const int Usage = 2;
}
