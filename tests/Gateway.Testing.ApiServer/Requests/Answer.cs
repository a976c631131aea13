using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.Testing.ApiServer.Requests;

/// <summary>Bodies in and out, with the headers that a real server sends.</summary>
internal static class Answer
{
    private const int MaxRequest = 3 * 1024 * 1024;

    /// <summary>Bodies up to this size have a Content-Length.</summary>
    private const int MaxWhole = 2048;

    /// <summary>Larger bodies are compressed when the client offers gzip.</summary>
    private const int MinCompressed = 128 * 1024;

    public static bool WantsMetadata(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("as=PartialObjectMetadata", StringComparison.Ordinal);

    /// <summary>One line of JSON.</summary>
    public static Task SendAsync(HttpContext http, int status, byte[] json) => SendAsync(http, status, [.. json, (byte)'\n'], "application/json");

    public static async Task SendAsync(HttpContext http, int status, byte[] body, string contentType)
    {
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.Headers.CacheControl = "no-cache, private";
        if (body.Length >= MinCompressed && http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal))
        {
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Vary = "Accept-Encoding";
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                gzip.Write(body);
            body = packed.ToArray();
        }
        if (body.Length <= MaxWhole || response.Headers.ContentEncoding.Count > 0)
            response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }

    public static async Task SendAsync(HttpContext http, ApiStatus status)
    {
        if (status.Code is ApiStatus.Cut or ApiStatus.Frozen)
        {
            http.Response.ContentType = "application/json";
            await http.Response.Body.WriteAsync("""{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"""u8.ToArray());
            await http.Response.Body.FlushAsync();
            if (status.Code == ApiStatus.Cut)
                http.Abort();
            else
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
        if (status.RetryAfter is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (status.Code is 403 or 429)
            http.Response.Headers.XContentTypeOptions = "nosniff";
        await (status.Plain
            ? SendAsync(http, status.Code, Encoding.UTF8.GetBytes(status.Message), "text/plain; charset=utf-8")
            : SendAsync(http, status.Code, Json.Bytes(status.ToJson())));
    }

    /// <exception cref="ApiStatus">400, 413 or 415: the body is no JSON object.</exception>
    public static async Task<JsonObject> ReadObjectAsync(HttpRequest request, string kind)
    {
        if (request.ContentType is { } type && !type.StartsWith("application/json", StringComparison.Ordinal))
        {
            throw new ApiStatus(415, "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf");
        }
        var text = await new StreamReader(request.Body).ReadToEndAsync();
        if (text.Length > MaxRequest)
            throw new ApiStatus(413, "RequestEntityTooLarge", $"Request entity too large: limit is {MaxRequest}");
        try
        {
            return JsonNode.Parse(text)!.AsObject();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            var shown = text.Length == 0 ? "<empty>" : text.Length > 30 ? $"{text[..30]} ..." : text;
            throw ApiStatus.BadRequest($"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: unexpected end of JSON input ({shown})");
        }
    }
}
