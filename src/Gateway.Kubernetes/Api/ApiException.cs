using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Kubernetes.Api;

/// <summary>
/// The API server refused a request: mostly with a <c>Status</c> object (<c>meta/v1</c>), now and then with plain
/// text, so it is the HTTP status that counts.
/// </summary>
public sealed class ApiException : Exception
{
    private const int LongestText = 500;

    /// <summary>A refusal with the fields of a <c>Status</c>.</summary>
    public ApiException(int code, string? reason, string message, TimeSpan? retryAfter = null)
        : base(message) => (Code, Reason, RetryAfter) = (code, reason, retryAfter);

    /// <summary>The HTTP status; of an ERROR event of a watch, the Status's <c>code</c>.</summary>
    public int Code { get; }

    /// <summary><c>reason</c>, for example <c>Forbidden</c>; null where the server names none.</summary>
    public string? Reason { get; }

    /// <summary>How long the server asks to be left alone (<c>Retry-After</c>, or <c>details.retryAfterSeconds</c>); null: it does not say.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The resourceVersion or the continue token is too old (410).</summary>
    public bool IsGone => Code == 410;

    /// <summary>Someone else wrote the object first, or it exists already (409).</summary>
    public bool IsConflict => Code == 409;

    /// <summary>There is no such object or resource (404).</summary>
    public bool IsNotFound => Code == 404;

    /// <summary>RBAC does not allow it (403).</summary>
    public bool IsForbidden => Code == 403;

    /// <summary>Reads an answer that is no success.</summary>
    /// <param name="code">Its HTTP status.</param>
    /// <param name="headers">Its header.</param>
    /// <param name="body">Its body, or the beginning of it.</param>
    internal static ApiException From(int code, HttpResponseHeaders headers, ReadOnlySpan<byte> body)
    {
        var retryAfter = headers.RetryAfter?.Delta;
        if (TryReadStatus(body) is { } status)
            return From(status, code, retryAfter);
        var text = System.Text.Encoding.UTF8.GetString(body).Trim();
        return new ApiException(code, null, text.Length == 0 ? $"HTTP status {code}" : text[..Math.Min(text.Length, LongestText)], retryAfter);
    }

    /// <summary>Reads the object of an ERROR event.</summary>
    /// <exception cref="JsonException">It is no Status.</exception>
    internal static ApiException FromEvent(ref Utf8JsonReader reader)
    {
        var status = JsonSerializer.Deserialize(ref reader, StatusJson.Default.Status) ?? throw new JsonException("The event has no Status.");
        return From(status, status.Code, null);
    }

    private static ApiException From(Status status, int code, TimeSpan? retryAfter) => new(
        code, status.Reason, status.Message ?? $"HTTP status {code}",
        retryAfter ?? (status.Details?.RetryAfterSeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null));

    private static Status? TryReadStatus(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, StatusJson.Default.Status);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal sealed record Status(string? Message, string? Reason, int Code, StatusDetails? Details);

    internal sealed record StatusDetails(int RetryAfterSeconds);
}

/// <summary>Reads <c>Status</c> objects.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ApiException.Status))]
internal sealed partial class StatusJson : JsonSerializerContext;
