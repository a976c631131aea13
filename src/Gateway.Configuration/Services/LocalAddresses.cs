using System.Net;

namespace Gateway.Configuration.Services;

/// <summary>
/// The addresses of this machine and its surroundings, which in a cluster are not dialled: whoever may write a Service or
/// an Ingress could otherwise read the cloud's metadata service.
/// </summary>
public static class LocalAddresses
{
    /// <summary>Where a cloud's metadata service is found by IPv6; its IPv4 address is link-local.</summary>
    private static readonly IPAddress Ipv6Metadata = IPAddress.Parse("fd00:ec2::254");

    /// <summary>
    /// Whether <paramref name="address"/> is loopback, unspecified (which is dialled as loopback), link-local (RFC 3927,
    /// RFC 4291 section 2.5.6) or a metadata service; an IPv6 address that stands for an IPv4 one is what that one is.
    /// </summary>
    public static bool Contain(IPAddress address)
    {
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.Equals(Ipv6Metadata))
            return true;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return Ipv4Of(bytes[..length]) is [0, 0, 0, 0] or [127, ..] or [169, 254, ..];
    }

    /// <summary>The IPv4 address that <paramref name="address"/> is or stands for; empty when there is none.</summary>
    private static ReadOnlySpan<byte> Ipv4Of(ReadOnlySpan<byte> address) => address switch
    {
        { Length: 4 } => address,
        // IPv4-mapped and IPv4-compatible (RFC 4291 section 2.5.5); the unspecified address is one of the latter.
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, .. var mapped] => mapped,
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. var compatible] => compatible,
        // A NAT64 gateway passes on to it (RFC 6052 section 2.1).
        [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, .. var translated] => translated,
        // 6to4 (RFC 3056 section 2).
        [0x20, 0x02, ..] => address[2..6],
        _ => [],
    };
}
