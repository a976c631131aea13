using System.Net;
using System.Net.Sockets;
using Gateway.Benchmarks.Comparison.Peers;
using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison.Backends;

/// <summary>nginx that answers a constant, and <c>/file</c> with a file of the wanted size.</summary>
internal sealed class NginxBackend : Backend
{
    private readonly PinnedProcess _process;
    private readonly string _folder;

    private NginxBackend(PinnedProcess process, string folder, IPEndPoint endPoint) => (_process, _folder, EndPoint) = (process, folder, endPoint);

    public override IPEndPoint EndPoint { get; }

    /// <summary>Starts it.</summary>
    /// <param name="cores">Where.</param>
    /// <param name="fileSize">The size of the file in bytes.</param>
    /// <exception cref="MissingToolException">There is no nginx.</exception>
    public static async Task<NginxBackend> StartAsync(string cores, long fileSize = 0)
    {
        var program = Tool.Require("nginx");
        var folder = Directory.CreateTempSubdirectory("gateway-backend-").FullName;
        var endPoint = new IPEndPoint(IPAddress.Loopback, RunningPeer.FreePort());
        using (var file = File.Create(Path.Combine(folder, "file")))
            file.SetLength(fileSize);
        var configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Nginx.Frame(1, $$"""
              access_log off;
              sendfile on;
              server {
                listen {{endPoint}};
                location = /file { root {{folder}}; }
                location / { return 200 "{{Backend.SmallAnswer.Replace("\n", "\\n", StringComparison.Ordinal)}}"; }
              }
            """));
        var backend = new NginxBackend(PinnedProcess.Start(cores, folder, program, "-p", folder, "-c", configuration, "-e", "stderr"), folder, endPoint);
        while (!await ListensAsync(endPoint))
        {
            if (backend._process.HasExited)
                throw new InvalidOperationException($"the backend does not serve:\n{backend._process.Printed}");
            await Task.Delay(20);
        }
        return backend;
    }

    public override async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<bool> ListensAsync(IPEndPoint endPoint)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
