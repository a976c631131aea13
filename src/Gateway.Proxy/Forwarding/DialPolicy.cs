using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Gateway.Configuration.Services;
using Gateway.Proxy.Clients;
using Gateway.Proxy.Forwarding.Lean;
using Gateway.Proxy.Listeners.Epoll;

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

    /// <summary>Connects <paramref name="socket"/> to <paramref name="target"/>, a name that is resolved here or an address.</summary>
    /// <exception cref="SocketException">No connection could be made, or none of the addresses may be dialled.</exception>
    public async ValueTask ConnectAsync(Socket socket, EndPoint target, CancellationToken cancellation)
    {
        if (target is DnsEndPoint name)
            await socket.ConnectAsync(await ResolveAsync(name, cancellation), name.Port, cancellation);
        else
            await socket.ConnectAsync(Judge((IPEndPoint)target), cancellation);
        if (socket is { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local } && IsOwn(remote, local.Address))
            throw Own(remote);
    }

    /// <summary>The same for a connection that lives in <paramref name="loop"/>.</summary>
    /// <exception cref="SocketException">No connection could be made, or none of the addresses may be dialled.</exception>
    public async ValueTask<LoopSocket> ConnectAsync(EventLoop loop, EndPoint target, CancellationToken cancellation)
    {
        if (target is not DnsEndPoint name)
            return await ConnectAsync(loop, Judge((IPEndPoint)target), cancellation);
        var addresses = await ResolveAsync(name, cancellation);
        for (var i = 0; ; i++)
        {
            try
            {
                return await ConnectAsync(loop, new IPEndPoint(addresses[i], name.Port), cancellation);
            }
            catch (SocketException) when (i < addresses.Length - 1)
            {
                // As the runtime's sockets do: the name has other addresses.
            }
        }
    }

    private async ValueTask<LoopSocket> ConnectAsync(EventLoop loop, IPEndPoint remote, CancellationToken cancellation)
    {
        var socket = await LoopSocket.ConnectAsync(loop, remote, cancellation);
        if (!_ports.Contains(remote.Port) || !IsOwn(remote, socket.LocalAddress(remote.AddressFamily)))
            return socket;
        socket.Dispose();
        throw Own(remote);
    }

    private async ValueTask<IPAddress[]> ResolveAsync(DnsEndPoint name, CancellationToken cancellation)
    {
        var addresses = await _resolve(name.Host, cancellation);
        var allowed = Array.FindAll(addresses, Allows);
        if (allowed.Length > 0)
            return allowed;
        throw addresses.Length > 0 ? Refused($"{name.Host} leads to {addresses[0]}, which") : new SocketException((int)SocketError.HostNotFound);
    }

    private IPEndPoint Judge(IPEndPoint endPoint) => Allows(endPoint.Address) ? endPoint : throw Refused($"{endPoint.Address}");

    private bool Allows(IPAddress address) => allowsLocal || !LocalAddresses.Contain(address);

    /// <summary>Whether a connection to <paramref name="remote"/> that goes out from <paramref name="local"/> leads to this process.</summary>
    internal bool IsOwn(IPEndPoint remote, IPAddress local) =>
        _ports.Contains(remote.Port) && (IPAddress.IsLoopback(ClientResolver.Unmap(remote.Address)) || remote.Address.Equals(local));

    private static SocketException Own(IPEndPoint remote) => new((int)SocketError.AccessDenied, $"{remote} is the gateway itself");

    private static SocketException Refused(string what) => new(
        (int)SocketError.AccessDenied, $"{what} is an address of the gateway's own machine or link, which is not dialled unless --allow-local-addresses is given");
}
