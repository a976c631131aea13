using Gateway.Proxy.Clients;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gateway.Proxy.Forwarding;

/// <summary>Takes the fields of a request to an upstream.</summary>
internal interface IFieldWriter
{
    void Write(string name, StringValues values);

    void Write(string name, RequestId id);

    /// <summary>Writes what the upstream is told of the client: <see cref="UpstreamFields.OfClient"/>.</summary>
    void Write(in ClientIdentity client);
}

/// <summary>Writes the fields of a request to an upstream, all but those that frame it. One place for all forwarders.</summary>
internal static class UpstreamFields
{
    private const string OriginalForwardedFor = "X-Original-Forwarded-For";
    private const string OriginalForwardedHost = "X-Original-Forwarded-Host";
    private const string OriginalUri = "X-Original-URI";

    /// <summary>Whether a request may be sent again when nothing tells whether it was carried out: one without body, by a method that changes nothing.</summary>
    public static bool MayRepeat(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsConnect(method);

    /// <summary>Writes the fields for the request of <paramref name="exchange"/>: the client's that pass, and what the upstream is told of the client.</summary>
    public static void Write<TWriter>(Exchange exchange, ref TWriter writer)
        where TWriter : IFieldWriter, allows ref struct
    {
        var sent = exchange.Request.Headers;
        var client = exchange.Client;
        var forwardedFor = sent["X-Forwarded-For"];
        var forwardedHost = sent["X-Forwarded-Host"];
        var tellsUri = exchange.State.Settings.ProxyAddOriginalUriHeader;

        var host = client.Host;
        if (host.Length > 0)
            writer.Write("Host", host);
        var connection = exchange.NamingConnection;
        var underscores = exchange.State.Settings.EnableUnderscoresInHeaders;
        foreach (var (name, values) in exchange.Fields.All)
        {
            if (!UpstreamHeaders.PassToUpstream(name, client.Trusted, underscores) || name[0] == ':' || UpstreamHeaders.IsNamed(connection, name))
                continue;
            // Of a trusted client; written below in its place.
            if (name[0] is 'X' or 'x' && IsReplaced(name))
                continue;
            writer.Write(name, values);
        }

        if (exchange.PassesRequestId)
            writer.Write("X-Request-ID", exchange.RequestId);
        writer.Write(client);
        if (forwardedFor.Count > 0)
            writer.Write(OriginalForwardedFor, Joined(forwardedFor));
        if (forwardedHost.Count > 0)
            writer.Write(OriginalForwardedHost, Joined(forwardedHost));
        if (tellsUri)
            writer.Write(OriginalUri, exchange.Target);

        bool IsReplaced(string name) =>
            (forwardedFor.Count > 0 && name.Equals(OriginalForwardedFor, StringComparison.OrdinalIgnoreCase))
            || (forwardedHost.Count > 0 && name.Equals(OriginalForwardedHost, StringComparison.OrdinalIgnoreCase))
            || (tellsUri && name.Equals(OriginalUri, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What the upstream is told of the client.</summary>
    public static void OfClient<TWriter>(in ClientIdentity client, ref TWriter writer)
        where TWriter : IFieldWriter, allows ref struct
    {
        writer.Write("X-Real-IP", client.Address);
        writer.Write("X-Forwarded-For", client.ForwardedFor);
        if (client.Host.Length > 0)
            writer.Write("X-Forwarded-Host", client.Host);
        writer.Write("X-Forwarded-Port", client.Port);
        writer.Write("X-Forwarded-Proto", client.Scheme);
        writer.Write("X-Forwarded-Scheme", client.Scheme);
        writer.Write("X-Scheme", client.Scheme);
    }

    private static string Joined(StringValues values) => values.Count == 1 ? values.ToString() : string.Join(", ", values.ToArray());
}
