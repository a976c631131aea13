using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

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
        var (contentType, body) = Render(reason, exchange.RequestId, exchange.Request.Headers.Accept);
        return WriteAsync(exchange, reason.Status, contentType, body);
    }

    /// <summary>Answers 200 with an empty body, as load balancers probe it.</summary>
    public static Task WriteEmptyAsync(Exchange exchange, int status) => WriteAsync(exchange, status, null, []);

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
        if (exchange.ClosesConnection || (status is 400 or 405 or 408 or 413 or 501 && exchange.IsHttp1))
            headers.Connection = "close";
        if (exchange.StrictTransportSecurity is { } hsts)
            headers.StrictTransportSecurity = hsts;

        var features = exchange.Features.Get<IHttpResponseBodyFeature>()!;
        if (body.Length == 0 || HttpMethodIsHead(exchange.Request.Method))
            return features.CompleteAsync();
        return WriteBodyAsync(features, body);

        static bool HttpMethodIsHead(string method) => method == "HEAD";

        static async Task WriteBodyAsync(IHttpResponseBodyFeature feature, byte[] body)
        {
            await feature.StartAsync();
            feature.Writer.Write(body);
            await feature.CompleteAsync();
        }
    }

    /// <summary>Chooses by Accept: HTML where it is named, else JSON where that is, else plain text.</summary>
    internal static (string ContentType, byte[] Body) Render(AnswerReason reason, string requestId, StringValues accept)
    {
        var title = $"{reason.Status} {ReasonPhrases.GetReasonPhrase(reason.Status)}";
        if (Accepts(accept, "text/html"))
        {
            var id = HtmlEncoder.Default.Encode(requestId);
            return ("text/html; charset=utf-8", Encoding.UTF8.GetBytes(
                $"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n" +
                $"<body><h1>{title}</h1><p>{WebUtility.HtmlEncode(reason.Message)}</p><p>Request id: <code>{id}</code></p></body></html>\n"));
        }
        if (Accepts(accept, "json"))
        {
            return ("application/json", JsonSerializer.SerializeToUtf8Bytes(
                new AnswerBody(reason.Status, reason.Code, reason.Message, requestId), AnswerJson.Default.AnswerBody));
        }
        return ("text/plain; charset=utf-8", Encoding.UTF8.GetBytes($"{title}\n{reason.Message}\nRequest id: {requestId}\n"));
    }

    private static bool Accepts(StringValues accept, string mediaType)
    {
        foreach (var value in accept)
        {
            if (value is not null && value.Contains(mediaType, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
