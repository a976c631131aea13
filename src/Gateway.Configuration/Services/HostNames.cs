using System.Net;
using System.Net.Sockets;

namespace Gateway.Configuration.Services;

/// <summary>Judges names that endpoints are dialled by.</summary>
internal static class HostNames
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    /// <summary>
    /// Whether <paramref name="name"/> may be dialled: a DNS name (RFC 1123) or an IP address. The gateway's own
    /// machine and link-local addresses (where clouds serve their metadata) are reached only when
    /// <paramref name="local"/> is set: in a cluster, whoever may write a Service must not gain them.
    /// </summary>
    public static bool IsDialable(string name, out string problem, bool local)
    {
        problem = "";
        if (IPAddress.TryParse(name, out var address))
        {
            if (!local && (IPAddress.IsLoopback(address) || IsLinkLocal(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
                problem = "loopback and link-local addresses are not dialled";
        }
        else if (!IsDnsName(name))
        {
            problem = "this is not a valid DNS name";
        }
        else if (!local && IsLocalhost(name.TrimEnd('.')))
        {
            problem = "localhost is not dialled";
        }
        return problem.Length == 0;
    }

    private static bool IsLocalhost(string name) =>
        name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    private static bool IsLinkLocal(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.IsIPv6LinkLocal || (plain.AddressFamily == AddressFamily.InterNetwork && plain.GetAddressBytes() is [169, 254, ..]);
    }

    /// <summary>Letters, digits, hyphens and (as found in the wild) underscores in labels of 1 to 63, 253 in all; one trailing dot is fine.</summary>
    private static bool IsDnsName(string name)
    {
        var text = name.EndsWith('.') ? name[..^1] : name;
        return text.Length is > 0 and <= LongestName && text.Split('.').All(label =>
            label.Length is > 0 and <= LongestLabel
            && label[0] != '-' && label[^1] != '-'
            && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
    }
}
