using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Gateway.CommandLine;
using Gateway.Tests.Docs;

namespace Gateway.Tests.CommandLine;

/// <summary>What the program does when nothing is typed is what the documentation and the help say.</summary>
public sealed partial class DefaultsTests
{
    private static readonly string[] Documentation = new Page("docs/configuration.md").Text.Split('\n');

    private static readonly RootCommand Command = [];
    private static readonly ServerOptions Defaults = ServerArguments.AddTo(Command, IPAddress.IPv6Any).Read(Command.Parse([]), manifests: null);

    public static TheoryData<string, string> Values { get; } = new()
    {
        { "--http-port", Text(Defaults.HttpPort) },
        { "--https-port", Text(Defaults.HttpsPort) },
        { "--admin-port", Text(Defaults.AdminPort) },
        { "--bind-address", $"{Defaults.BindAddress}" },
        { "--transport", $"{Defaults.Transport}" },
        { "--ingress-class", Defaults.Translation.IngressClass },
        // Outside of a pod, where tests run.
        { "--pre-stop-delay", Text((int)Defaults.PreStopDelay.TotalSeconds) + "s" },
        { "--shutdown-timeout", Text((int)Defaults.ShutdownTimeout.TotalSeconds) + "s" },
        { "--forwarder", $"{Defaults.Forwarder}" },
        { "--log-level", $"{Defaults.LogLevel}" },
        { "--log-format", $"{Defaults.LogFormat}" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_default_is_the_documented_one(string option, string value)
    {
        var row = Documentation.Single(line => line.StartsWith($"| `{option} ", StringComparison.Ordinal));
        Assert.Equal(Code().Matches(row.Split('|')[2])[^1].Groups[1].Value, value, ignoreCase: true);
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void A_default_that_the_help_writes_out_is_that(string option, string value)
    {
        if (Default().Match(Command.Options.Single(known => known.Name == option).Description!) is { Success: true } told)
            Assert.EndsWith(value, told.Groups[1].Value, StringComparison.OrdinalIgnoreCase);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("`([^`]*)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\[default: ([^]]*)\]")]
    private static partial Regex Default();
}
