using System.Globalization;

namespace Gateway.Benchmarks.Comparison.Processes;

/// <summary>Counts the system calls of processes with <c>perf</c>, which slows them far less than tracing does.</summary>
internal static class SystemCalls
{
    /// <summary>Their number while <paramref name="work"/> went on; null where <c>perf</c> is missing or may not count.</summary>
    public static async Task<long?> CountAsync(IEnumerable<int> processes, string cores, string folder, Func<Task> work)
    {
        if (Tool.Find("perf") is not { } perf)
            return null;
        await using var counter = PinnedProcess.Start(cores, folder, perf, "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-p", string.Join(',', processes));
        await Task.Delay(200); // until it is attached
        await work();
        counter.Signal("-INT");
        await counter.ExitedAsync();
        return counter.Printed.Split('\n').FirstOrDefault(line => line.Contains("raw_syscalls", StringComparison.Ordinal)) is { } line
            && long.TryParse(line.Split(',')[0], CultureInfo.InvariantCulture, out var count) ? count : null;
    }
}
