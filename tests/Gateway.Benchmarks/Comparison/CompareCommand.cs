using System.ComponentModel;
using System.Globalization;
using Gateway.Benchmarks.Comparison.Cases;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison;

/// <summary><c>compare [case …] [--rounds N] [--smoke]</c>: the whole program beside nginx, HAProxy and, where it is, Caddy.</summary>
internal static class CompareCommand
{
    private static readonly Dictionary<string, Func<CaseRun, Task>> Cases = new(StringComparer.Ordinal)
    {
        ["keep-alive"] = KeepAlive.RunAsync,
        ["saturated"] = Saturated.RunAsync,
        ["access-log"] = WithAccessLog.RunAsync,
        ["new-connections"] = NewConnections.RunAsync,
        ["bodies"] = Bodies.RunAsync,
        ["idle"] = Idle.RunAsync,
        ["routes"] = ManyRoutes.RunAsync,
        ["changes"] = Changes.RunAsync,
        ["two-cores"] = TwoCores.RunAsync,
    };

    /// <summary>Runs the named cases, or all, and prints configurations and one table. Returns 1 when something went wrong; being slow is none of that.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        List<string> names = [];
        var (rounds, smoke) = (5, false);
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--smoke")
                smoke = true;
            else if (arguments[i] == "--rounds" && i + 1 < arguments.Length && int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out rounds) && rounds > 0)
                i++;
            else if (Cases.ContainsKey(arguments[i]))
                names.Add(arguments[i]);
            else
                return await RefuseAsync($"'{arguments[i]}' is no case, nor --smoke or --rounds with a number; cases: {string.Join(", ", Cases.Keys)}.");
        }
        if (Tool.Find("taskset") is null || Environment.ProcessorCount < 2)
            return await RefuseAsync("Comparing takes taskset and two cores.");

        var table = new ResultTable();
        foreach (var name in names is [] ? [.. Cases.Keys] : names)
        {
            await Console.Error.WriteLineAsync(name);
            try
            {
                await Cases[name](new CaseRun(name, new Effort(smoke ? 1 : rounds, smoke), table));
            }
            catch (MissingToolException missing)
            {
                table.Skip($"{name}: {missing.Message}");
            }
            catch (Exception exception) when (exception is InvalidOperationException or IOException or Win32Exception or HttpRequestException)
            {
                table.Error($"{name}: {exception.Message}");
            }
        }
        Console.WriteLine(table.Write());
        return table.HasErrors ? 1 : 0;
    }

    private static async Task<int> RefuseAsync(string why)
    {
        await Console.Error.WriteLineAsync(why);
        return 2;
    }
}
