using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>Ports for a gateway that is asked before it tells its ports, or that has to have the same ones again.</summary>
internal sealed record ChosenPorts(int Http, int Https, int Admin)
{
    /// <summary>The options of <c>gateway run</c>.</summary>
    public string[] Options =>
    [
        "--bind-address", "127.0.0.1", "--http-port", Http.ToString(CultureInfo.InvariantCulture),
        "--https-port", Https.ToString(CultureInfo.InvariantCulture), "--admin-port", Admin.ToString(CultureInfo.InvariantCulture),
    ];

    /// <summary>Ports that nobody listens on: chosen by the system, all at once so that they differ.</summary>
    public static ChosenPorts Take()
    {
        var listeners = Enumerable.Range(0, 3).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        listeners.ForEach(listener => listener.Dispose());
        return new ChosenPorts(ports[0], ports[1], ports[2]);
    }
}
