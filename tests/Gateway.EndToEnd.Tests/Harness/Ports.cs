using System.Net;
using System.Net.Sockets;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>Ports of backends that are not there.</summary>
internal static class Ports
{
    /// <summary>One that nobody listens on.</summary>
    public static int Closed()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

/// <summary>A port that neither accepts nor refuses connections: its queue is full.</summary>
internal sealed class FullPort : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _queue = [];

    private FullPort()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public static async Task<FullPort> StartAsync()
    {
        var full = new FullPort();
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            full._queue.Add(socket);
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, full.Port, patience.Token);
            }
            catch (OperationCanceledException)
            {
                return full;
            }
        }
    }

    public void Dispose()
    {
        foreach (var socket in _queue)
            socket.Dispose();
        _listener.Dispose();
    }
}
