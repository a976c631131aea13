using System.Net;
using System.Net.Sockets;

namespace Gateway.Configuration.Services;

/// <summary>Judges what a Service of type ExternalName makes the gateway dial.</summary>
internal static class ExternalNames
{
    /// <summary>
    /// Why <paramref name="name"/> is not dialled, or null when it is. The gateway's own machine and link-local
    /// addresses (where clouds serve their metadata) are reached only when <paramref name="local"/> is set: in a
    /// cluster, whoever may write a Service must not gain them.
    /// </summary>
    public static string? Judge(string name, bool local)
    {
        if (IPAddress.TryParse(name, out var address))
            return local || !IsOwnOrLinkLocal(address) ? null : "loopback and link-local addresses are not dialled";
        if (Uri.CheckHostName(name) != UriHostNameType.Dns)
            return "this is not a valid DNS name";
        return local || !IsLocalhost(name.TrimEnd('.')) ? null : "localhost is not dialled";
    }

    private static bool IsLocalhost(string name) =>
        name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    private static bool IsOwnOrLinkLocal(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(plain) || plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any) || plain.IsIPv6LinkLocal
            || (plain.AddressFamily == AddressFamily.InterNetwork && plain.GetAddressBytes() is [169, 254, ..]);
    }
}
