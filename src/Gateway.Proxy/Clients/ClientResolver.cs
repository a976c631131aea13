using System.Globalization;
using System.Net;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gateway.Proxy.Clients;

/// <summary>
/// Decides who the client is, with the meaning that ingress-nginx gives to <c>use-forwarded-headers</c>, <c>enable-real-ip</c>,
/// <c>compute-full-forwarded-for</c>, <c>forwarded-for-header</c> and <c>proxy-real-ip-cidr</c>; other than there, the
/// CIDR list guards scheme, host and port as well. Compiled once from the settings.
/// </summary>
internal sealed class ClientResolver(GatewaySettings settings)
{
    private readonly bool _readsAddress = settings.UseForwardedHeaders || settings.EnableRealIp;
    private readonly bool _readsAll = settings.UseForwardedHeaders;
    private readonly bool _appends = settings.UseForwardedHeaders && settings.ComputeFullForwardedFor;
    private readonly string _header = settings.ForwardedForHeader;
    private readonly EquatableArray<IPNetwork> _trusted = settings.ProxyRealIpCidr;

    /// <summary>Resolves the client of one request.</summary>
    /// <param name="headers">The request's fields.</param>
    /// <param name="peer">The connection's other end; null when unknown.</param>
    /// <param name="peerText"><paramref name="peer"/> as text.</param>
    /// <param name="connectionScheme">Scheme of the listener.</param>
    /// <param name="publicPort">Port of the listener as clients see it.</param>
    public ClientIdentity Resolve(IHeaderDictionary headers, IPAddress? peer, string peerText, string connectionScheme, string publicPort)
    {
        var host = headers.Host.ToString();
        if (!_readsAddress || peer is null || !IsTrusted(peer))
            return new ClientIdentity(peerText, peerText, connectionScheme, host, publicPort, Trusted: false);

        var received = headers[_header];
        var address = FirstUntrusted(received) ?? peerText;
        if (!_readsAll)
            return new ClientIdentity(address, address, connectionScheme, host, publicPort, Trusted: false);

        var forwardedFor = _appends && received.Count > 0 ? $"{received}, {peerText}" : address;
        var scheme = First(headers["X-Forwarded-Proto"]) switch
        {
            var text when text.Equals("https", StringComparison.OrdinalIgnoreCase) => "https",
            var text when text.Equals("http", StringComparison.OrdinalIgnoreCase) => "http",
            _ => connectionScheme,
        };
        var forwardedHost = First(headers["X-Forwarded-Host"]);
        if (HostName.TryParse(forwardedHost, out _))
            host = forwardedHost.ToString();
        var forwardedPort = First(headers["X-Forwarded-Port"]);
        var port = ushort.TryParse(forwardedPort, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? forwardedPort.ToString()
            : scheme == connectionScheme ? publicPort : scheme == "https" ? "443" : publicPort;
        return new ClientIdentity(address, forwardedFor, scheme, host, port, Trusted: true);
    }

    private bool IsTrusted(IPAddress address)
    {
        foreach (var network in _trusted)
        {
            if (network.Contains(address))
                return true;
        }
        return false;
    }

    /// <summary>From the right, over trusted proxies, to the first address that is none; the leftmost if all are.</summary>
    private string? FirstUntrusted(StringValues values)
    {
        string? last = null;
        for (var i = values.Count - 1; i >= 0; i--)
        {
            var rest = (values[i] ?? "").AsSpan();
            while (rest.Length > 0)
            {
                var comma = rest.LastIndexOf(',');
                var entry = rest[(comma + 1)..].Trim();
                rest = comma < 0 ? [] : rest[..comma];
                if (entry.IsEmpty)
                    continue;
                if (!TryParseAddress(entry, out var address))
                    return last;
                last = address.ToString();
                if (!IsTrusted(address))
                    return last;
            }
        }
        return last;
    }

    private static bool TryParseAddress(ReadOnlySpan<char> text, out IPAddress address)
    {
        // Not "1", which is 0.0.0.1 to the parser, nor an address of somebody else's network interface.
        if ((text.Count('.') == 3 || text.Contains("::", StringComparison.Ordinal) || text.Count(':') >= 7) && !text.Contains('%')
            && IPEndPoint.TryParse(text, out var endPoint))
        {
            address = Unmap(endPoint.Address);
            return true;
        }
        address = IPAddress.None;
        return false;
    }

    /// <summary>An IPv4 address that arrived on a dual-stack socket, as IPv4.</summary>
    public static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static ReadOnlySpan<char> First(StringValues values)
    {
        var text = values.Count == 0 ? default : values[0].AsSpan();
        var comma = text.IndexOf(',');
        return (comma < 0 ? text : text[..comma]).Trim();
    }
}
