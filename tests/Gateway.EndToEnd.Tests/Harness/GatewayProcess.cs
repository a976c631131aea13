using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>The real program, as a process, on ports that the system chose.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly string Assembly = typeof(GatewayProcess).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "GatewayAssembly").Value!;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GatewayProcess(string assembly, string? workingDirectory, IEnumerable<string> arguments, string? pod)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = workingDirectory };
        start.ArgumentList.Add(assembly);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (pod is not null)
            (start.Environment["POD_NAME"], start.Environment["POD_NAMESPACE"]) = (pod, PodNamespace);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) => Receive(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Receive(_log, e.Data);
        _process.Exited += (_, _) => _started.TrySetException(new InvalidOperationException("the gateway ended before it started"));
    }

    public int HttpPort { get; private set; }

    public int HttpsPort { get; private set; }

    public int AdminPort { get; private set; }

    /// <summary>What it printed on standard output.</summary>
    public string Output { get { lock (_output) return _output.ToString(); } }

    /// <summary>What it logged on standard error.</summary>
    public string Log { get { lock (_log) return _log.ToString(); } }

    public int Id => _process.Id;

    /// <summary>Starts <c>gateway run</c> on a folder and waits until it serves.</summary>
    public static async Task<GatewayProcess> RunAsync(string manifests, params string[] more)
    {
        var gateway = Launch(["run", "--manifests", manifests, .. Loopback, .. more]);
        await gateway.StartedAsync();
        return gateway;
    }

    /// <summary>Where pods of the gateway are.</summary>
    public const string PodNamespace = "gateway";

    /// <summary>Starts <c>gateway run</c> in a cluster, without waiting.</summary>
    /// <param name="kubeconfig">How to reach it.</param>
    /// <param name="pod">The pod that it takes itself for; null: none.</param>
    /// <param name="more">More options.</param>
    public static GatewayProcess LaunchInCluster(string kubeconfig, string? pod, params string[] more) =>
        Launch(Assembly, null, ["run", "--kubeconfig", kubeconfig, .. Loopback, .. more], pod);

    /// <summary>The options that put all three ports on loopback, chosen by the system, and choose transport and forwarder.</summary>
    public static string[] Loopback { get; } =
    [
        "--bind-address", "127.0.0.1", "--http-port", "0", "--https-port", "0", "--admin-port", "0",
        .. Chosen("--transport", "GATEWAY_TEST_TRANSPORT"), .. Chosen("--forwarder", "GATEWAY_TEST_FORWARDER"),
    ];

    private static string[] Chosen(string option, string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? [option, value] : [];

    /// <summary>Starts the program with any arguments, without waiting.</summary>
    public static GatewayProcess Launch(params string[] arguments) => Launch(Assembly, null, arguments);

    /// <summary>Starts a copy of the program in a folder of its own.</summary>
    /// <param name="folder">Where the whole program is copied to.</param>
    /// <param name="workingDirectory">Where it is started.</param>
    /// <param name="arguments">Its arguments.</param>
    public static GatewayProcess LaunchCopy(string folder, string workingDirectory, params string[] arguments)
    {
        var origin = Path.GetDirectoryName(Path.GetFullPath(Assembly))!;
        foreach (var file in Directory.EnumerateFiles(origin, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(origin, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return Launch(Path.Combine(folder, Path.GetFileName(Assembly)), workingDirectory, arguments);
    }

    private static GatewayProcess Launch(string assembly, string? workingDirectory, string[] arguments, string? pod = null)
    {
        var gateway = new GatewayProcess(assembly, workingDirectory, arguments, pod);
        gateway._process.Start();
        gateway._process.BeginOutputReadLine();
        gateway._process.BeginErrorReadLine();
        return gateway;
    }

    /// <summary>Waits until the start-up block is there.</summary>
    public async Task StartedAsync()
    {
        try
        {
            await _started.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"the gateway did not start:\n{Output}\n{Log}", e);
        }
    }

    public Uri Http(string path = "/") => new($"http://127.0.0.1:{HttpPort}{path}");

    public Uri Admin(string path) => new($"http://127.0.0.1:{AdminPort}{path}");

    /// <summary>Reads a list of the admin API.</summary>
    public async Task<JsonElement> ReadAsync(string path)
    {
        using var client = new HttpClient();
        using var json = JsonDocument.Parse(await client.GetStringAsync(Admin(path)));
        return json.RootElement.Clone();
    }

    /// <summary>Reads one number of <c>/metrics</c>, by its name with labels.</summary>
    public async Task<double> ReadMetricAsync(string name)
    {
        using var client = new HttpClient();
        var line = (await client.GetStringAsync(Admin("/metrics"))).Split('\n').Single(line => line.StartsWith(name + ' ', StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Reads the numbers of one name in <c>/metrics</c>, whatever their labels.</summary>
    public async Task<double[]> ReadMetricsAsync(string name)
    {
        using var client = new HttpClient();
        return [.. (await client.GetStringAsync(Admin("/metrics"))).Split('\n').Where(line => line.StartsWith(name + '{', StringComparison.Ordinal))
            .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))];
    }

    /// <summary>Whether <c>/readyz</c> wants traffic to come.</summary>
    public async Task<bool> IsReadyAsync()
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(Admin("/readyz"));
        return answer.IsSuccessStatusCode;
    }

    /// <summary>Asks it to stop, as Kubernetes does.</summary>
    public void Terminate() => Signal("-TERM");

    /// <summary>Waits for its end; returns the exit code.</summary>
    public async Task<int> ExitedAsync(TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Sends a signal, written as <c>kill</c> takes it.</summary>
    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void Receive(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.AppendLine(line);
        if (text != _output)
            return;
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is ["http", var http])
            HttpPort = IPEndPoint.Parse(http).Port;
        else if (words is ["https", var https])
            HttpsPort = IPEndPoint.Parse(https).Port;
        else if (words is ["admin", var admin])
            AdminPort = new Uri(admin).Port;
        else if (words is ["problems", ..])
            _started.TrySetResult();
    }
}
