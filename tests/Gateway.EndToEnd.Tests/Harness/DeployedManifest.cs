using System.Reflection;
using System.Text.RegularExpressions;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>The YAML that <c>kubectl apply -f</c> installs the gateway by.</summary>
internal static partial class DeployedManifest
{
    /// <summary>The service account that it runs as, in the namespace of the same name.</summary>
    public const string ServiceAccount = "gateway";

    private static readonly string Text = File.ReadAllText(Path.Combine(
        typeof(DeployedManifest).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "DeployFolder").Value!, "gateway.yaml"));

    /// <summary>Its documents of these kinds.</summary>
    public static string Documents(params string[] kinds) =>
        string.Join("\n---\n", Text.Split("\n---\n").Where(document => kinds.Contains(Kind().Match(document).Groups[1].Value)));

    /// <summary>The options of the Deployment's container, without ports and pauses.</summary>
    public static string[] Options =>
        [.. Option().Matches(Documents("Deployment")).Select(match => match.Groups[1].Value)
            .Where(option => !option.Contains("-port=", StringComparison.Ordinal) && !option.Contains("-delay=", StringComparison.Ordinal))];

    [GeneratedRegex("^kind: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Kind();

    [GeneratedRegex("^ +- \"(--.*)\"$", RegexOptions.Multiline)]
    private static partial Regex Option();
}
