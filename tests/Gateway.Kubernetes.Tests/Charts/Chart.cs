using System.Diagnostics;
using System.Reflection;
using Gateway.EndToEnd.Tests.Harness;
using k8s;

namespace Gateway.Kubernetes.Tests.Charts;

/// <summary>The Helm chart, rendered by the real program.</summary>
internal static class Chart
{
    public static string Folder { get; } = typeof(Chart).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "ChartFolder").Value!;

    /// <summary>Values that show each switch, by the name of their file in the chart's ci folder.</summary>
    public static IEnumerable<string> Samples => Directory.EnumerateFiles(Path.Combine(Folder, "ci")).Select(Path.GetFileName)!;

    /// <summary>The arguments that render a sample.</summary>
    public static string[] Sample(string file) => ["--values", Path.Combine(Folder, "ci", file)];

    /// <summary>
    /// What <c>helm template</c> gives for the release <c>gateway</c> in the namespace <c>system</c>, read as strictly as an API
    /// server with field validation would.
    /// </summary>
    public static Rendering Render(params string[] arguments)
    {
        var (exit, output, error) = Run(["template", "gateway", Folder, "--namespace", "system", .. arguments]);
        Assert.True(exit == 0, error);
        return new([.. KubernetesYaml.LoadAllFromString(output, new Dictionary<string, Type> { [ServiceMonitor.ApiName] = typeof(ServiceMonitor) }, strict: true)]);
    }

    /// <summary>Why the chart cannot be rendered.</summary>
    public static string RefusalOf(params string[] arguments)
    {
        var (exit, _, error) = Run(["template", "gateway", Folder, .. arguments]);
        Assert.NotEqual(0, exit);
        return error;
    }

    /// <summary>What a user reads after the installation.</summary>
    public static string Notes(params string[] arguments)
    {
        var (exit, output, error) = Run(["install", "gateway", Folder, "--dry-run=client", "--namespace", "system", .. arguments]);
        Assert.SkipWhen(error.Contains("cluster unreachable", StringComparison.Ordinal), "Helm prints no notes without a cluster before version 4");
        Assert.True(exit == 0, error);
        return output[output.IndexOf("NOTES:", StringComparison.Ordinal)..];
    }

    private static (int Exit, string Output, string Error) Run(string[] arguments)
    {
        using var helm = Process.Start(new ProcessStartInfo(Tools.Require("helm"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = helm.StandardError.ReadToEndAsync();
        var output = helm.StandardOutput.ReadToEnd();
        helm.WaitForExit();
        return (helm.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
