using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison.Peers;

/// <summary>A peer that serves, in a temporary folder of its own.</summary>
internal sealed class RunningPeer : IAsyncDisposable
{
    private static readonly HashSet<string> Shown = [];

    private readonly PinnedProcess _process;

    private RunningPeer(string name, int port, string folder, PinnedProcess process) =>
        (Name, Port, Folder, _process) = (name, port, folder, process);

    public string Name { get; }

    public int Port { get; }

    public string Folder { get; }

    /// <summary>From its start until it answered.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <summary>Its processes.</summary>
    public IReadOnlyList<int> Ids => _process.Ids;

    /// <summary>What its processes have used so far.</summary>
    public Usage Usage => Usage.Of(Ids);

    /// <summary>Starts it, shows its configuration unless that was shown before, and asks its last route until it answers.</summary>
    /// <exception cref="MissingToolException">It is not on this machine.</exception>
    /// <exception cref="InvalidOperationException">It ended, or did not answer within two minutes.</exception>
    public static async Task<RunningPeer> StartAsync(Peer peer, PeerSetup setup)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-compare-").FullName;
        var port = FreePort();
        try
        {
            var command = peer.Prepare(setup, port, folder);
            Show(peer.Name, command, folder, port, setup.Backend.Port);
            var running = new RunningPeer(peer.Name, port, folder, PinnedProcess.Start(setup.Cores.Proxy, folder, command.Program, command.Arguments));
            await running.AnsweredAsync(PeerSetup.Host(setup.Routes - 1));
            return running;
        }
        catch (MissingToolException)
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>A port of loopback that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task AnsweredAsync(string host)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var began = Stopwatch.GetTimestamp();
        for (var status = "no answer"; ; await Task.Delay(50))
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Port}/") { Headers = { Host = host } };
                using var answer = await client.SendAsync(request);
                status = answer.StatusCode.ToString();
                if (answer.IsSuccessStatusCode)
                {
                    StartTime = Stopwatch.GetElapsedTime(began);
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            if (_process.HasExited || Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(2))
            {
                var printed = _process.Printed;
                await DisposeAsync();
                throw new InvalidOperationException($"{Name} does not serve ({status}):\n{printed}");
            }
        }
    }

    private static void Show(string name, PeerCommand command, string folder, int port, int backend)
    {
        // Folders and ports are new each time, and paths differ from machine to machine.
        var words = command.Arguments.Select(word => File.Exists(word) ? Path.GetFileName(word) : word).Prepend(Path.GetFileName(command.Program));
        var text = $"{string.Join(' ', words)}\n{command.Configuration}"
            .Replace(folder, "FOLDER", StringComparison.Ordinal)
            .Replace(port.ToString(CultureInfo.InvariantCulture), "PORT", StringComparison.Ordinal)
            .Replace(backend.ToString(CultureInfo.InvariantCulture), "BACKEND", StringComparison.Ordinal);
        if (Shown.Add(text))
            Console.WriteLine($"### {name}\n\n```\n{text.TrimEnd()}\n```\n");
    }
}
