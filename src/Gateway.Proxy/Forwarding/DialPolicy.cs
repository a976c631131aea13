using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Gateway.Configuration.Services;
using Gateway.Proxy.Clients;

namespace Gateway.Proxy.Forwarding;

/// <summary>
/// Which addresses upstream connections may go to; judged when dialling, since only then it is known where a name leads.
/// The ports of this process are never dialled: a rule that led to the admin port would open it to the world, and one
/// that led back to a listener would go round for ever. In a cluster, neither are <see cref="LocalAddresses"/>.
/// </summary>
/// <param name="allowsLocal">Whether loopback and link-local addresses may be dialled.</param>
/// <param name="resolve">Resolves a name; null: as the machine does.</param>
internal sealed class DialPolicy(bool allowsLocal, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;

    private ImmutableHashSet<int> _ports = [];

    /// <summary>From now on <paramref name="port"/> is not dialled on this machine.</summary>
    public void NeverDial(int port) => ImmutableInterlocked.Update(ref _ports, static (ports, port) => ports.Add(port), port);

    /// <summary>Connects to <paramref name="target"/>, a name that is resolved here or an address.</summary>
    /// <exception cref="SocketException">No connection could be made, or none of the addresses may be dialled.</exception>
    public async ValueTask ConnectAsync(Socket socket, EndPoint target, CancellationToken cancellation)
    {
        if (target is DnsEndPoint name)
        {
            var addresses = await _resolve(name.Host, cancellation);
            var allowed = Array.FindAll(addresses, Allows);
            if (allowed.Length == 0 && addresses.Length > 0)
                throw Refused($"{name.Host} leads to {addresses[0]}, which");
            await socket.ConnectAsync(allowed, name.Port, cancellation);
        }
        else
        {
            var endPoint = (IPEndPoint)target;
            if (!Allows(endPoint.Address))
                throw Refused($"{endPoint.Address}");
            await socket.ConnectAsync(endPoint, cancellation);
        }
        if (socket is { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local } && IsOwn(remote, local.Address))
            throw new SocketException((int)SocketError.AccessDenied, $"{socket.RemoteEndPoint} is the gateway itself");
    }

    private bool Allows(IPAddress address) => allowsLocal || !LocalAddresses.Contain(address);

    /// <summary>Whether a connection to <paramref name="remote"/> that goes out from <paramref name="local"/> leads to this process.</summary>
    internal bool IsOwn(IPEndPoint remote, IPAddress local) =>
        _ports.Contains(remote.Port) && (IPAddress.IsLoopback(ClientResolver.Unmap(remote.Address)) || remote.Address.Equals(local));

    private static SocketException Refused(string what) => new(
        (int)SocketError.AccessDenied, $"{what} is an address of the gateway's own machine or link, which is not dialled unless --allow-local-addresses is given");
}
