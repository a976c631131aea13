using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Proxy.Answers;

/// <summary>
/// The answers that the gateway gives itself: small, in the form that the client asked for (HTML, JSON or plain
/// text), always with the request id, never with anything of the inside.
/// </summary>
internal static class LocalAnswer
{
    /// <summary>Answers with <paramref name="reason"/>. The response must not have started.</summary>
    public static Task WriteAsync(Exchange exchange, AnswerReason reason)
    {
        exchange.Reason = reason;
        var (contentType, body) = Render(reason, exchange.RequestId.ToString(), exchange.Request.Headers.Accept);
        return WriteAsync(exchange, reason.Status, contentType, body);
    }

    /// <summary>Answers 200 with an empty body.</summary>
    public static Task WriteEmptyAsync(Exchange exchange) => WriteAsync(exchange, StatusCodes.Status200OK, null, []);

    /// <summary>Answers with a redirect.</summary>
    public static Task RedirectAsync(Exchange exchange, int status, string location)
    {
        exchange.Response.Headers.Location = location;
        return WriteAsync(exchange, status, null, []);
    }

    private static Task WriteAsync(Exchange exchange, int status, string? contentType, byte[] body)
    {
        var response = exchange.Response;
        response.StatusCode = status;
        var headers = response.Headers;
        headers.ContentLength = body.Length;
        if (contentType is not null)
        {
            headers.ContentType = contentType;
            // It names this one request, and its form depends on Accept.
            headers.CacheControl = "no-store";
        }
        // Closed where the rest of the request cannot be trusted, or where another connection is what is needed.
        if (exchange.ClosesConnection || (exchange.IsHttp1 && status is 400 or 405 or 408 or 413 or 421 or 501))
            headers.Connection = "close";
        if (exchange.StrictTransportSecurity is { } hsts)
            headers.StrictTransportSecurity = hsts;

        var hasBody = body.Length > 0 && !HttpMethods.IsHead(exchange.Request.Method);
        exchange.Record.AnswerBody = hasBody ? body.Length : 0;
        var feature = exchange.ResponseBody;
        return hasBody ? WriteBodyAsync(feature, body) : feature.CompleteAsync();

        static async Task WriteBodyAsync(IHttpResponseBodyFeature feature, byte[] body)
        {
            await feature.StartAsync();
            feature.Writer.Write(body);
            await feature.CompleteAsync();
        }
    }

    /// <summary>
    /// Chooses by Accept (RFC 9110 12.5.1): of HTML, JSON and plain text that which is named with the highest quality, of
    /// equals in this order. Ranges name none of them: what takes anything, as curl does, gets plain text.
    /// </summary>
    internal static (string ContentType, byte[] Body) Render(AnswerReason reason, string requestId, StringValues accept)
    {
        var title = $"{reason.Status} {ReasonPhrases.GetReasonPhrase(reason.Status)}";
        var (html, json, plain) = Qualities(accept);
        if (html > 0 && html >= json && html >= plain)
        {
            var id = HtmlEncoder.Default.Encode(requestId);
            return ("text/html; charset=utf-8", Encoding.UTF8.GetBytes(
                $"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n" +
                $"<body><h1>{title}</h1><p>{WebUtility.HtmlEncode(reason.Message)}</p><p>Request id: <code>{id}</code></p></body></html>\n"));
        }
        if (json > 0 && json >= plain)
        {
            return ("application/json", JsonSerializer.SerializeToUtf8Bytes(
                new AnswerBody(reason.Status, reason.Code, reason.Message, requestId), AnswerJson.Default.AnswerBody));
        }
        return ("text/plain; charset=utf-8", Encoding.UTF8.GetBytes($"{title}\n{reason.Message}\nRequest id: {requestId}\n"));
    }

    private static (double Html, double Json, double Plain) Qualities(StringValues accept)
    {
        var (html, json, plain) = (0.0, 0.0, 0.0);
        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges))
            return default;
        foreach (var range in ranges)
        {
            var quality = range.Quality ?? 1;
            if (range.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase))
                html = Math.Max(html, quality);
            else if (range.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
                plain = Math.Max(plain, quality);
            else if (range.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || range.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
                json = Math.Max(json, quality);
        }
        return (html, json, plain);
    }
}
