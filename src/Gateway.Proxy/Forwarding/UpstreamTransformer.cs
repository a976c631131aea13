using System.Net.Http.Headers;
using Gateway.Configuration.Model;
using Gateway.Proxy.Clients;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Proxy.Forwarding;

/// <summary>
/// Writes the upstream request from the client's and the client's answer from the upstream's, each in one pass.
/// Belongs to one exchange and is reused with it.
/// </summary>
internal sealed class UpstreamTransformer(Exchange exchange) : HttpTransformer
{
    private static readonly UriCreationOptions AsSent = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private Standstill? _standstill;
    private BodyWatch? _body;

    /// <summary>What the current attempt needs of a connection.</summary>
    public UpstreamConnection? Connection { get; private set; }

    /// <summary>Whether the whole answer has been passed on in the current attempt.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Forgets the attempt before.</summary>
    /// <param name="standstill">Watches the next one; null: an upgrade, which is YARP's to watch.</param>
    /// <param name="body">Its request body; null when it has none.</param>
    public void Reset(Standstill? standstill = null, BodyWatch? body = null)
    {
        _standstill = standstill;
        _body = body;
        Connection = null;
        IsAnswered = false;
    }

    /// <inheritdoc/>
    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var endpoint = exchange.Endpoint!;
        var sent = exchange.Request.Headers;

        // The target goes out as the client sent it: normalising it again, as Uri does, would turn %2F into %252F.
        // HTTP/2 says the scheme on the wire; HTTP/1.1 does not, and with http:// requests for all hosts share connections.
        proxyRequest.RequestUri = new Uri(
            string.Concat(exchange.Protocol == BackendProtocol.Http2Tls ? endpoint.HttpsPrefix : endpoint.HttpPrefix, exchange.Target), AsSent);

        var content = Content(proxyRequest);
        var fields = new MessageFields(proxyRequest, content);
        UpstreamFields.Write(exchange, ref fields);
        content = fields.Content;

        var headers = proxyRequest.Headers;
        if (content is StreamedContent && sent.ContentLength is { } length)
            content.Headers.ContentLength = length;
        if (sent.TE.ToString().Contains("trailers", StringComparison.OrdinalIgnoreCase) && proxyRequest.Version.Major >= 2)
            headers.TryAddWithoutValidation("TE", "trailers");

        // YARP itself passes only WebSocket and SPDY upgrades; its handling of a 101 answer is the same for all.
        if (proxyRequest.Version.Major == 1 && proxyRequest.Content is null
            && UpstreamHeaders.RequestedUpgrade(sent) is { } protocol
            && !protocol.Equals("websocket", StringComparison.OrdinalIgnoreCase)
            && !protocol.StartsWith("SPDY/", StringComparison.OrdinalIgnoreCase)
            && exchange.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true })
        {
            headers.TryAddWithoutValidation("Connection", "Upgrade");
            headers.TryAddWithoutValidation("Upgrade", protocol);
        }

        Connection = new UpstreamConnection(endpoint, exchange.Route!.Route.Timeouts.Connect, content);
        proxyRequest.Options.Set(UpstreamConnection.Key, Connection);
        return default;
    }

    /// <summary>
    /// The request's content; null: none. SocketsHttpHandler sends a request without content again by itself when the
    /// connection dies unanswered, so one that may not be repeated gets an empty one.
    /// </summary>
    private static HttpContent? Content(HttpRequestMessage request)
    {
        if (request.Content is { } body)
            return new StreamedContent(body);
        return UpstreamFields.MayRepeat(request.Method.Method) ? null : new EmptyContent();
    }

    /// <inheritdoc/>
    public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
            return new(true);

        var status = (int)proxyResponse.StatusCode;
        var request = proxyResponse.RequestMessage!;
        if (status == StatusCodes.Status101SwitchingProtocols
            && !UpstreamHeaders.IsNamed(Values(request.Headers, "Upgrade"), Values(proxyResponse.Headers, "Upgrade").ToString()))
            throw new HttpRequestException(HttpRequestError.InvalidResponse, "The upstream switched to a protocol that was not asked for.");
        if (status < StatusCodes.Status100Continue)
            throw new HttpRequestException(HttpRequestError.InvalidResponse, "The upstream answered with a status below 100.");
        if (!IsFramed(proxyResponse))
            throw new HttpRequestException(HttpRequestError.InvalidResponse, "The upstream's Transfer-Encoding is not 'chunked' alone.");

        _standstill?.AwaitTaker();
        var response = exchange.Response;
        response.StatusCode = status;
        var headers = response.Headers;
        var connection = Values(proxyResponse.Headers, "Connection");
        var compares = UpstreamHeaders.NamesFields(connection);
        foreach (var (name, values) in proxyResponse.Headers.NonValidated)
        {
            if (UpstreamHeaders.PassToClient(name) && !(compares && UpstreamHeaders.IsNamed(connection, name)))
                headers[name] = ToStringValues(values);
        }

        var hasLength = false;
        // Some statuses have none (RFC 9110 8.6).
        var passLength = status is >= 200 and not (204 or 205);
        foreach (var (name, values) in proxyResponse.Content.Headers.NonValidated)
        {
            if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                if (!passLength)
                    continue;
                hasLength = true;
            }
            headers[name] = ToStringValues(values);
        }
        UpstreamHeaders.AddOwn(exchange, status, Values(proxyResponse.Headers, "Upgrade"));
        if (_standstill is not null)
            proxyResponse.Content = new WatchedContent(proxyResponse.Content, _standstill, exchange.Record);

        // An answer of unknown length may be a stream whose first event comes much later: its head must not wait for that.
        // With gRPC's status the head is all there is, and a client expects it to end the stream.
        var streams = !hasLength && status is >= 200 and not (204 or 205 or 304) && request.Method != HttpMethod.Head && request.Method != HttpMethod.Connect
            && !proxyResponse.Headers.NonValidated.Contains("grpc-status");
        return streams ? FlushAsync(exchange.ResponseBody, cancellationToken) : new(true);

        static async ValueTask<bool> FlushAsync(IHttpResponseBodyFeature body, CancellationToken cancellationToken)
        {
            await body.Writer.FlushAsync(cancellationToken);
            return true;
        }
    }

    /// <inheritdoc/>
    public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        if (exchange.Features.Get<IHttpResponseTrailersFeature>() is { Trailers: { IsReadOnly: false } trailers })
        {
            foreach (var (name, values) in proxyResponse.TrailingHeaders.NonValidated)
            {
                var value = ToStringValues(values);
                if (UpstreamHeaders.PassAsTrailer(name, value))
                    trailers[name] = value;
            }
        }
        IsAnswered = true;
        // The client may wait for the end of the answer before it goes on with its body, or leaves it at that.
        return _body is { Ended: false } ? new(httpContext.Response.CompleteAsync()) : default;
    }

    /// <summary>As for requests: the end of the body must be the same for every party (RFC 9112 6.1, 6.3).</summary>
    private static bool IsFramed(HttpResponseMessage response) =>
        Values(response.Headers, "Transfer-Encoding") is not { Count: > 0 } codings
        || (codings.Count == 1 && "chunked".Equals(codings[0], StringComparison.OrdinalIgnoreCase)
            && !response.Content.Headers.NonValidated.Contains("Content-Length"));

    private static StringValues Values(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? ToStringValues(values) : default;

    private static StringValues ToStringValues(HeaderStringValues values)
    {
        if (values.Count == 1)
            return values.ToString();
        var all = new string[values.Count];
        var i = 0;
        foreach (var value in values)
            all[i++] = value;
        return all;
    }

    /// <summary>Writes to a message, which has two places for fields.</summary>
    private struct MessageFields(HttpRequestMessage request, HttpContent? content) : IFieldWriter
    {
        /// <summary>The content, made where a field describes one that there is not.</summary>
        public HttpContent? Content { get; private set; } = content;

        public void Write(string name, StringValues values)
        {
            if (!Add(request.Headers, name, values))
                Add((Content ??= new EmptyContent()).Headers, name, values);
        }

        public void Write(in ClientIdentity client) => UpstreamFields.OfClient(client, ref this);

        public void Write(string name, RequestId id) => Write(name, id.ToString());

        private static bool Add(HttpHeaders headers, string name, StringValues values) =>
            values.Count == 1
                ? headers.TryAddWithoutValidation(name, values[0])
                : headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
    }
}
