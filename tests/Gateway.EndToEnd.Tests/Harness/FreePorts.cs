using System.Net;
using System.Net.Sockets;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>Ports for a process that has to have the same ones again, or whose ports are asked before it tells them.</summary>
internal static class FreePorts
{
    /// <summary>So many ports that nobody listens on: chosen by the system, all at once so that they differ.</summary>
    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
