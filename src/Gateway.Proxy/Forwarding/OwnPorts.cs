using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Gateway.Proxy.Clients;

namespace Gateway.Proxy.Forwarding;

/// <summary>
/// The ports of this process: never dialled, whatever names them. A rule that led to the admin port would open it to
/// the world, and one that led back to a listener would go round for ever.
/// </summary>
internal sealed class OwnPorts
{
    private ImmutableHashSet<int> _ports = [];

    /// <summary>From now on <paramref name="port"/> is not dialled on this machine.</summary>
    public void Add(int port) => ImmutableInterlocked.Update(ref _ports, static (ports, port) => ports.Add(port), port);

    /// <summary>Judges a connection that was just made, since only then it is known where a name led.</summary>
    /// <exception cref="SocketException">It leads back to this process.</exception>
    public void Judge(Socket socket)
    {
        if (socket is { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local }
            && _ports.Contains(remote.Port)
            && (IPAddress.IsLoopback(ClientResolver.Unmap(remote.Address)) || remote.Address.Equals(local.Address)))
        {
            throw new SocketException((int)SocketError.AccessDenied, $"{remote} is the gateway itself");
        }
    }
}
