using System.Globalization;

namespace Gateway.Benchmarks.Comparison.Processes;

/// <summary>What some processes have used of the machine (proc(5)).</summary>
/// <param name="User">Processor time outside of the kernel. The sum with <paramref name="Kernel"/> is exact to 10 ms; how it divides is the kernel's estimate.</param>
/// <param name="Kernel">Processor time in the kernel.</param>
/// <param name="Resident">Memory in bytes.</param>
internal readonly record struct Usage(TimeSpan User, TimeSpan Kernel, long Resident)
{
    private static readonly double TicksPerSecond = 100; // USER_HZ, the same on all of Linux

    /// <summary>How long some cores, named as <c>taskset</c> takes them, have worked since the start of the machine, for whomever.</summary>
    public static TimeSpan OfCores(string cores)
    {
        var names = cores.Split(',').Select(core => "cpu" + core).ToArray();
        var sum = TimeSpan.Zero;
        foreach (var line in File.ReadLines("/proc/stat"))
        {
            // user, nice, system, idle, iowait, irq, softirq, steal
            if (line.Split(' ') is [var name, var user, var nice, var system, _, _, var irq, var softirq, var steal, ..] && names.Contains(name))
                sum += Seconds(user) + Seconds(nice) + Seconds(system) + Seconds(irq) + Seconds(softirq) + Seconds(steal);
        }
        return sum;
    }

    /// <summary>Reads the sum over <paramref name="processes"/>.</summary>
    public static Usage Of(IEnumerable<int> processes)
    {
        var sum = default(Usage);
        foreach (var process in processes)
        {
            // The second field, the program's name, may hold blanks and brackets; it ends at the last one.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            sum = new Usage(sum.User + Seconds(fields[11]), sum.Kernel + Seconds(fields[12]), sum.Resident + ResidentOf(process));
        }
        return sum;
    }

    private static TimeSpan Seconds(string ticks) => TimeSpan.FromSeconds(long.Parse(ticks, CultureInfo.InvariantCulture) / TicksPerSecond);

    private static long ResidentOf(int process) =>
        long.Parse(
            File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) * 1024;
}
