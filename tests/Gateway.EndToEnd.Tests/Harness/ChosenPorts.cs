using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>Ports for a gateway that is asked before it tells its ports, or that has to have the same ones again.</summary>
/// <remarks>
/// They are held until this is disposed, by sockets that are bound and do not listen: whoever sets SO_REUSEADDR, as every listener of
/// .NET does, may listen there, and the system gives them to nobody who asks for any port.
/// </remarks>
internal sealed class ChosenPorts : IDisposable
{
    private readonly Socket[] _held = [Hold(), Hold(), Hold()];

    public int Http => PortOf(_held[0]);

    public int Https => PortOf(_held[1]);

    public int Admin => PortOf(_held[2]);

    /// <summary>The options of <c>gateway run</c>.</summary>
    public string[] Options =>
    [
        "--bind-address", "127.0.0.1", "--http-port", Text(_held[0]), "--https-port", Text(_held[1]), "--admin-port", Text(_held[2]),
    ];

    public void Dispose()
    {
        foreach (var socket in _held)
            socket.Dispose();
    }

    private static Socket Hold()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static string Text(Socket socket) => PortOf(socket).ToString(CultureInfo.InvariantCulture);
}
