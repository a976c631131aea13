using System.Buffers;
using System.Globalization;
using System.Net;

namespace Gateway.Proxy.Routing;

/// <summary>Reads the host out of a Host field or an <c>:authority</c> (RFC 9110 7.2: <c>uri-host [":" port]</c>).</summary>
internal static class HostName
{
    // RFC 1035 2.3.4, in text: without the first label's length and the root.
    private const int LongestName = 253;

    // Of what a reg-name may have (RFC 3986 3.2.2), that which hosts are made of. To any other the HTTP client adds a second Host field.
    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");

    // Only the first label may begin with a mark, for the same reason.
    private static readonly SearchValues<string> NoLabels = SearchValues.Create(["..", ".-", "._"], StringComparison.Ordinal);

    /// <summary>Cuts the port and one trailing dot off.</summary>
    /// <param name="authority">As sent.</param>
    /// <param name="host">The part of <paramref name="authority"/> to look routes up by, in the case in which it was sent; an IPv6 address in its brackets.</param>
    /// <returns>False for what deserves 400: no host, an empty label or one after the first that begins with a mark, a character that no host name has, a name over 253 characters, a port that is none.</returns>
    public static bool TryParse(ReadOnlySpan<char> authority, out ReadOnlySpan<char> host)
    {
        var end = authority.StartsWith('[') ? authority.IndexOf(']') + 1 : authority.IndexOf(':');
        if (end < 0)
            end = authority.Length;
        host = authority[..end];
        return IsPort(authority[end..]) && (host.StartsWith('[') ? IsIPv6(host[1..^1]) : IsName(ref host));
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.IsEmpty || (text[0] == ':' && (text.Length == 1 || ushort.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out _)));

    private static bool IsIPv6(ReadOnlySpan<char> text) =>
        text.Contains(':') && !text.ContainsAny('%', '[') && IPAddress.IsValid(text);

    private static bool IsName(ref ReadOnlySpan<char> host)
    {
        if (host.EndsWith('.'))
            host = host[..^1];
        return host.Length is > 0 and <= LongestName && !host.ContainsAnyExcept(Allowed)
            && !host.StartsWith('.') && !host.EndsWith('.') && !host.ContainsAny(NoLabels);
    }
}
