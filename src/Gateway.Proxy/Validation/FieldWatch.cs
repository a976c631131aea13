using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gateway.Proxy.Validation;

/// <summary>
/// Sees the fields of one connection that the server changes before it hands a request on. It asks for an encoding for
/// each field as it decodes it, one connection's fields strictly after one another; that is where they are seen.
/// </summary>
internal interface IFieldWatch
{
    /// <summary>What decodes the field; null: there is nothing to watch.</summary>
    Encoding? EncodingOf(string field);

    /// <summary>To be called when a request is over.</summary>
    void Forget(IHeaderDictionary headers);
}

/// <summary>Gives every connection the watch that its protocol needs.</summary>
internal static class FieldWatch
{
    public const string Authority = ":authority";
    public const string Connection = "Connection";
    public const string ContentLength = "Content-Length";
    public const string Host = "Host";
    public const string TransferEncoding = "Transfer-Encoding";
    public const string RenamedLength = "X-Content-Length";

    private static readonly AsyncLocal<IFieldWatch?> OfConnection = new();

    /// <summary>The server by itself takes a sign before the digits (RFC 9110 8.6 knows none), and with an encoding a number that is too large.</summary>
    private static readonly WatchedEncoding Digits = new(static value =>
    {
        if (value.ContainsAnyExceptInRange('0', '9') || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw new InvalidOperationException("The length of the body is not a number.");
    });

    /// <summary>For the server's request headers: Latin-1, so that bytes pass unchanged, watched where there is something to watch.</summary>
    public static Encoding SelectEncoding(string field) => field switch
    {
        Host or Connection or Authority or TransferEncoding or RenamedLength => OfConnection.Value?.EncodingOf(field) ?? Encoding.Latin1,
        ContentLength => OfConnection.Value?.EncodingOf(field) ?? Digits,
        _ => Encoding.Latin1,
    };

    /// <summary>A step of every connection, right before the server takes it over as HTTP/1.1 or HTTP/2 without TLS.</summary>
    public static Func<ConnectionDelegate, ConnectionDelegate> Plain(bool isHttp2) => next =>
        connection => RunAsync(connection, isHttp2 ? new AuthorityWatch(isTls: false) : new ConnectionOptionsWatch(), next);

    /// <summary>The same with TLS, which has agreed on the protocol.</summary>
    public static ConnectionDelegate Tls(ConnectionDelegate next) => connection =>
    {
        var protocol = connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol ?? default;
        return RunAsync(connection, protocol.Span.SequenceEqual("h2"u8) ? new AuthorityWatch(isTls: true) : new ConnectionOptionsWatch(), next);
    };

    private static async Task RunAsync(ConnectionContext connection, IFieldWatch watch, ConnectionDelegate next)
    {
        OfConnection.Value = watch;
        connection.Features.Set(watch);
        await next(connection);
    }
}
