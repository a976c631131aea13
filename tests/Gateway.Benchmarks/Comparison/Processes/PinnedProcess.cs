using System.Diagnostics;
using System.Globalization;

namespace Gateway.Benchmarks.Comparison.Processes;

/// <summary>A program that runs on certain cores from its first instruction on; what it prints goes to files, so that nobody here has to read along.</summary>
internal sealed class PinnedProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _output;
    private readonly string _errors;

    private PinnedProcess(Process process, string output, string errors) => (_process, _output, _errors) = (process, output, errors);

    /// <summary>Its own and its children's process ids.</summary>
    public IReadOnlyList<int> Ids => [_process.Id, .. Children(_process.Id)];

    public bool HasExited => _process.HasExited;

    /// <summary>What it printed so far, on both streams.</summary>
    public string Printed => File.ReadAllText(_output) + File.ReadAllText(_errors);

    /// <summary>Starts a program on <paramref name="cores"/>, printing to files in <paramref name="folder"/>.</summary>
    public static PinnedProcess Start(string cores, string folder, string program, params IEnumerable<string> arguments)
    {
        var name = Path.Combine(folder, Path.GetFileNameWithoutExtension(program));
        var (output, errors) = (name + ".stdout", name + ".stderr");
        // Both the shell and taskset become the program: its process id is the one that is known here.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder };
        const string Become = "out=$1 err=$2; shift 2; exec taskset -c \"$@\" > \"$out\" 2> \"$err\"";
        foreach (var argument in (IEnumerable<string>)["-c", Become, "sh", output, errors, cores, program, .. arguments])
            start.ArgumentList.Add(argument);
        File.WriteAllText(output, "");
        File.WriteAllText(errors, "");
        return new PinnedProcess(Process.Start(start)!, output, errors);
    }

    /// <summary>Runs a program to its end and returns what it printed on standard output.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task<string> CallAsync(string program, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed with {process.ExitCode}: {output}");
    }

    /// <summary>Sends a signal, written as <c>kill</c> takes it.</summary>
    public void Signal(string signal)
    {
        if (_process.HasExited)
            return;
        using var kill = Process.Start("kill", [signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public Task ExitedAsync() => _process.WaitForExitAsync();

    /// <summary>Ends it: politely, so that it ends its children too, and after five seconds by force.</summary>
    public async ValueTask DisposeAsync()
    {
        Signal("-TERM");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private static IEnumerable<int> Children(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(child => int.Parse(child, CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return [];
        }
    }
}
