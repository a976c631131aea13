using System.Collections.Frozen;
using Gateway.Proxy.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gateway.Proxy.Forwarding;

/// <summary>Which fields pass from the client to the upstream and back. One place for all forwarders.</summary>
internal static class UpstreamHeaders
{
    /// <summary>Fields of this connection only (RFC 9110 7.6.1), and those that the gateway writes itself.</summary>
    private static readonly FrozenSet<string> NotToUpstream = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "HTTP2-Settings",
        "Expect", "Host", "Content-Length",
        "X-Content-Length", // what the server makes of a Content-Length that it does not believe
        "Proxy", // httpoxy: CGI programs would take it for the variable HTTP_PROXY
        "X-Request-ID", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Scheme",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Fields that only a trusted peer may send, since upstreams believe them.</summary>
    private static readonly string[] OnlyFromTrusted = ["X-Forwarded-", "X-Original-", "X-Auth-Request-", "ssl-client-"];

    private static readonly FrozenSet<string> NotToClient = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "HTTP2-Settings",
        "Date", "Server", "X-Pad", "X-Accel-Redirect", "X-Accel-Expires", "X-Accel-Buffering", "X-Accel-Limit-Rate", "X-Accel-Charset",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a request field passes to the upstream as the client sent it.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="trusted">Whether the peer's forwarding fields are believed.</param>
    /// <param name="underscores">Whether names with an underscore pass; CGI-like upstreams cannot tell <c>X_Real_IP</c> from <c>X-Real-IP</c>.</param>
    public static bool PassToUpstream(string name, bool trusted, bool underscores)
    {
        if (NotToUpstream.Contains(name) || (!underscores && name.Contains('_')))
            return false;
        if (trusted)
            return true;
        if (name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase))
            return false;
        foreach (var prefix in OnlyFromTrusted)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }

    /// <summary>Whether a field of the upstream's answer passes to the client.</summary>
    public static bool PassToClient(string name) => !NotToClient.Contains(name);

    /// <summary>
    /// Whether a trailer of the upstream's answer passes to the client: none that frames a message or is for its head only
    /// (RFC 9110 6.5.1), nor one with a control character, at which the server would break off an answer that is all but sent.
    /// </summary>
    public static bool PassAsTrailer(string name, StringValues values)
    {
        if (!PassToClient(name) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            return false;
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].AsSpan().ContainsAny(RequestValidator.ControlCharacters))
                return false;
        }
        return true;
    }

    /// <summary>Adds to the client's answer what is the gateway's own to say.</summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="status">The upstream's status.</param>
    /// <param name="upgrade">What the upstream's answer has as <c>Upgrade</c>.</param>
    public static void AddOwn(Exchange exchange, int status, StringValues upgrade)
    {
        var headers = exchange.Response.Headers;
        if (exchange.StrictTransportSecurity is { } hsts)
            headers.StrictTransportSecurity = hsts;
        if (exchange.ClosesConnection && status != StatusCodes.Status101SwitchingProtocols)
            headers.Connection = "close";

        // A client that may choose another protocol must be told which (RFC 9110 15.5.22).
        if (status == StatusCodes.Status426UpgradeRequired && exchange.IsHttp1)
        {
            headers.Upgrade = upgrade;
            headers.Connection = "upgrade";
        }
    }

    /// <summary>Whether a list, such as that of <c>Connection</c>, has <paramref name="name"/> among its items.</summary>
    public static bool IsNamed(StringValues connection, string name)
    {
        foreach (var value in connection)
        {
            foreach (var option in value.AsSpan().Split(','))
            {
                if (value.AsSpan(option).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Whether <c>Connection</c> holds something other than the options every connection has, so that fields must be compared with it.</summary>
    public static bool NamesFields(StringValues connection) =>
        connection.Count > 1 || (connection.Count == 1
            && !connection[0]!.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
            && !connection[0]!.Equals("close", StringComparison.OrdinalIgnoreCase)
            && !connection[0]!.Equals("upgrade", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The protocol that the client asks to upgrade to, or null (RFC 9110 7.8). Never HTTP/2 (RFC 9113 3.1 has given that
    /// up): the requests in it would reach the backend past all routes.
    /// </summary>
    public static string? RequestedUpgrade(IHeaderDictionary headers) =>
        headers.Upgrade is { Count: 1 } upgrade && IsNamed(headers.Connection, "upgrade") && !IsNamed(upgrade, "h2c") ? upgrade[0] : null;
}
