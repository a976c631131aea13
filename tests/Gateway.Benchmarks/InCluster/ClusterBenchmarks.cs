namespace Gateway.Benchmarks.InCluster;

/// <summary><c>cluster [probe|change|scale|status|webhook …] [--smoke]</c>: the real program against an API server in this process.</summary>
internal static class ClusterBenchmarks
{
    private static readonly Dictionary<string, Func<Load, Report, Task>> All = new(StringComparer.Ordinal)
    {
        ["probe"] = Probe.RunAsync,
        ["change"] = Change.RunAsync,
        ["scale"] = Scale.RunAsync,
        ["status"] = StatusWrites.RunAsync,
        ["webhook"] = Webhook.RunAsync,
    };

    /// <summary>Runs those that are named, or all, and prints tables. Returns 1 when something went wrong; a target that is missed is none of that.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        string[] names = [.. arguments.Where(argument => argument != "--smoke")];
        if (names.FirstOrDefault(name => !All.ContainsKey(name)) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"There is no benchmark \"{unknown}\"; there are: {string.Join(", ", All.Keys)}.");
            return 2;
        }
        var load = new Load(arguments.Contains("--smoke"));
        var failed = false;
        foreach (var name in names is [] ? All.Keys.ToArray() : names)
        {
            var report = new Report();
            await All[name](load, report);
            Console.WriteLine(report.Write(name));
            failed |= report.Errors.Count > 0;
        }
        return failed ? 1 : 0;
    }
}

/// <summary>How much is done: all of it, or little enough for a few seconds (which measures nothing, but shows that it works).</summary>
internal sealed record Load(bool IsSmoke)
{
    /// <summary>A number of objects or rounds.</summary>
    public int Of(int count) => IsSmoke ? Math.Max(count / 50, Math.Min(count, 10)) : count;

    /// <summary>A time.</summary>
    public TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(IsSmoke ? Math.Min(seconds, 1) : seconds);
}
