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
    public static Rendering Render(params string[] arguments) => RenderAs("gateway", ["--namespace", "system", .. arguments]);

    /// <summary><see cref="Render"/> for a release of another name.</summary>
    public static Rendering RenderAs(string release, params string[] arguments) =>
        new([.. KubernetesYaml.LoadAllFromString(TextOf(release, arguments), new Dictionary<string, Type> { [ServiceMonitor.ApiName] = typeof(ServiceMonitor) }, strict: true)]);

    /// <summary>What <c>helm template</c> gives, unread.</summary>
    public static string TextOf(string release, params string[] arguments)
    {
        var (exit, output, error) = Run(["template", release, Folder, .. arguments]);
        Assert.True(exit == 0, error);
        return output;
    }

    /// <summary>Why the chart cannot be rendered.</summary>
    public static string RefusalOf(params string[] arguments)
    {
        var problem = ProblemOf(arguments);
        Assert.NotNull(problem);
        return problem;
    }

    /// <summary>Why the chart cannot be rendered; <see langword="null"/> if it can.</summary>
    public static string? ProblemOf(params string[] arguments)
    {
        var (exit, _, error) = Run(["template", "gateway", Folder, .. arguments]);
        return exit == 0 ? null : error;
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
