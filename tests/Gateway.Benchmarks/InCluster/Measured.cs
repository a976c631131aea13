using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.Benchmarks.InCluster;

/// <summary>The gateway under measurement: what it costs, and a way to reach it under any host name.</summary>
internal sealed class Measured : IAsyncDisposable
{
    private static readonly HttpClient Admin = new();

    private readonly GatewayProcess _process;

    private Measured(GatewayProcess process, TimeSpan startTime)
    {
        (_process, StartTime) = (process, startTime);
        Client = ClientFor(HttpVersion.Version11);
    }

    /// <summary>From the start of the process until it called itself ready.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>HTTP/1.1, plain.</summary>
    public HttpClient Client { get; }

    public int HttpPort => _process.HttpPort;

    /// <summary>Starts it on <paramref name="cluster"/> and waits until it is ready.</summary>
    public static async Task<Measured> StartAsync(BenchmarkCluster cluster, params string[] options)
    {
        var started = Stopwatch.GetTimestamp();
        var process = GatewayProcess.LaunchInCluster(
            cluster.Kubeconfig, pod: null, ["--publish-status-address", Objects.Address, "--log-level", "Warning", "--allow-local-addresses", .. options]);
        await process.StartedAsync();
        return new Measured(process, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>A client that reaches it with plain connections, whatever the host is.</summary>
    public HttpClient ClientFor(Version version) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, HttpPort, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>The status of the answer to a GET.</summary>
    public async Task<int> StatusAsync(string url)
    {
        using var response = await Client.GetAsync(url);
        return (int)response.StatusCode;
    }

    /// <summary>Waits until as many Ingresses are served.</summary>
    public async Task ServesAsync(int ingresses)
    {
        while (await IngressesAsync() < ingresses)
            await Task.Delay(50);
    }

    /// <summary>How many Ingresses are served.</summary>
    public async Task<int> IngressesAsync() => (await _process.ReadAsync("/api/status")).GetProperty("ingresses").GetInt32();

    /// <summary>Memory, now and at most (bytes).</summary>
    public (long Now, long Peak) Resident => (Kilobytes("VmRSS:") * 1024, Kilobytes("VmHWM:") * 1024);

    /// <summary>Processor time used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            using var process = Process.GetProcessById(_process.Id);
            return process.TotalProcessorTime;
        }
    }

    /// <summary>A value of <c>/metrics</c> without labels.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var text = await Admin.GetStringAsync(_process.Admin("/metrics"));
        var line = text.Split('\n').First(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _process.DisposeAsync();
    }

    private long Kilobytes(string entry) => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(entry, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
