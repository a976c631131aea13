using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Gateway.Proxy.Validation;

/// <summary>
/// Refuses what the server lets through, but what a gateway must not pass on: requests that two parties could read
/// differently, or that put characters where routes, logs and backends do not expect them.
/// </summary>
internal static class RequestValidator
{
    private static readonly SearchValues<char> MethodCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ-_");

    /// <summary>Visible US-ASCII without '#'. Some of these ought to be escaped (RFC 3986 2), but browsers send them bare.</summary>
    private static readonly SearchValues<char> TargetCharacters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Where(character => character != '#')]);

    /// <summary>RFC 9110 5.6.2: tchar.</summary>
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>RFC 9110 5.5: all but these are field-vchar, obs-text, space or TAB.</summary>
    public static SearchValues<char> ControlCharacters { get; } =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Where(code => code != '\t').Append(0x7f).Select(code => (char)code)]);

    /// <summary>The first fault of the request, or null. Comes before anything else that reads the request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="fields">Its fields.</param>
    /// <param name="watch">What was noted when they were decoded.</param>
    /// <param name="connect">Tells an extended CONNECT.</param>
    public static RequestFault? Check(IHttpRequestFeature request, RequestFields fields, IFieldWatch? watch, IHttpExtendedConnectFeature? connect)
    {
        var headers = request.Headers;
        var isHttp2 = request.Protocol == HttpProtocol.Http2;
        return CheckMethod(request.Method, connect)
            ?? CheckTarget(request, headers.Host.ToString())
            ?? CheckHost(request, headers)
            ?? (isHttp2 ? CheckConnectionFields(headers) : CheckTransferEncoding(request, headers, watch))
            ?? CheckFields(fields);
    }

    /// <summary>Whether a request without fault is <c>OPTIONS *</c>: it is about the gateway itself, which answers 200 (RFC 9110 9.3.7).</summary>
    public static bool IsAboutGateway(IHttpRequestFeature request) => request.RawTarget == "*";

    /// <summary>As nginx: method names are case-sensitive (RFC 9110 9.1), and a backend that ignores case would be reached past a route's method match.</summary>
    private static RequestFault? CheckMethod(string method, IHttpExtendedConnectFeature? connect)
    {
        if (method.AsSpan().ContainsAnyExcept(MethodCharacters))
            return RequestFault.Method;
        return method switch
        {
            "TRACE" => RequestFault.MethodNotAllowed,
            "CONNECT" when !IsWebSocket(connect) => RequestFault.MethodNotAllowed,
            _ => null,
        };
    }

    /// <summary>RFC 8441: a WebSocket over HTTP/2.</summary>
    private static bool IsWebSocket(IHttpExtendedConnectFeature? connect) =>
        connect is { IsExtendedConnect: true } && "websocket".Equals(connect.Protocol, StringComparison.OrdinalIgnoreCase);

    private static RequestFault? CheckTarget(IHttpRequestFeature request, ReadOnlySpan<char> host)
    {
        ReadOnlySpan<char> target = request.RawTarget;
        if (target.ContainsAnyExcept(TargetCharacters))
            return RequestFault.TargetCharacters;
        if (!target.StartsWith('/') && target is not "*")
        {
            // The absolute form (RFC 9112 3.2.2).
            var scheme = target.IndexOf("://");
            if (scheme < 0 || !target[..scheme].Equals(request.Scheme, StringComparison.OrdinalIgnoreCase))
                return RequestFault.TargetScheme;
            target = target[(scheme + 3)..];
            var end = target.IndexOfAny('/', '?');
            var authority = end < 0 ? target : target[..end];
            if (host.IsEmpty)
                return RequestFault.HostMissing;
            if (!Authority.AreSame(authority, host, request.Scheme == "https"))
                return RequestFault.TargetAuthority;
        }
        var query = target.IndexOf('?');
        return HasBrokenEscape(query < 0 ? target : target[..query]) ? RequestFault.TargetEscape : null;
    }

    /// <summary>Of the path only, as nginx: a query is nobody's business but the backend's, and <c>?q=100%</c> is common.</summary>
    private static bool HasBrokenEscape(ReadOnlySpan<char> path)
    {
        for (var at = path.IndexOf('%'); at >= 0; at = path.IndexOf('%'))
        {
            if (path.Length < at + 3 || !char.IsAsciiHexDigit(path[at + 1]) || !char.IsAsciiHexDigit(path[at + 2]))
                return true;
            path = path[(at + 3)..];
        }
        return false;
    }

    /// <summary>HTTP/1.0 knows no Host field; such requests are for the default host.</summary>
    private static RequestFault? CheckHost(IHttpRequestFeature request, IHeaderDictionary headers) =>
        StringValues.IsNullOrEmpty(headers.Host) && request.Protocol != HttpProtocol.Http10 ? RequestFault.HostMissing : null;

    /// <summary>Request smuggling: every party must find the same end of the body (RFC 9112 6.1, 6.3).</summary>
    private static RequestFault? CheckTransferEncoding(IHttpRequestFeature request, IHeaderDictionary headers, IFieldWatch? watch)
    {
        var codings = headers.TransferEncoding;
        if (codings.Count == 0)
            return null;
        // Kestrel, given both, believes Transfer-Encoding and renames the other field, to a name that clients may send too.
        if (headers.ContentLength is not null || watch is ConnectionOptionsWatch { HasLength: true })
            return RequestFault.ConflictingLength;
        if (request.Protocol == HttpProtocol.Http10)
            return RequestFault.TransferEncoding;
        if (codings.Count == 1 && IsChunked(codings.ToString()))
            return null;
        foreach (var field in codings)
        {
            foreach (var coding in field.AsSpan().Split(','))
            {
                var name = field.AsSpan()[coding].Trim(' ').Trim('\t');
                if (!IsChunked(name) && !name.Equals("identity", StringComparison.OrdinalIgnoreCase) && !name.IsEmpty)
                    return RequestFault.UnknownTransferEncoding;
            }
        }
        return RequestFault.TransferEncoding;
    }

    private static bool IsChunked(ReadOnlySpan<char> coding) => coding.Equals("chunked", StringComparison.OrdinalIgnoreCase);

    /// <summary>RFC 9113 8.2.2.</summary>
    private static RequestFault? CheckConnectionFields(IHeaderDictionary headers) =>
        headers.Connection.Count + headers.TransferEncoding.Count + headers.Upgrade.Count + headers.KeepAlive.Count + headers.ProxyConnection.Count > 0
        || (headers.TE.Count > 0 && headers.TE != "trailers")
            ? RequestFault.ConnectionField
            : null;

    private static RequestFault? CheckFields(RequestFields fields)
    {
        foreach (var (name, values) in fields.All)
        {
            if (name.AsSpan().ContainsAnyExcept(NameCharacters))
                return RequestFault.FieldName;
            for (var i = 0; i < values.Count; i++)
            {
                if (values[i].AsSpan().ContainsAny(ControlCharacters))
                    return RequestFault.FieldValue;
            }
        }
        return null;
    }
}
