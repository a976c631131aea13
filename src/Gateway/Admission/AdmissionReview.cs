using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;

namespace Gateway.Admission;

/// <summary>A question of the API server, and the answer to it (<c>admission.k8s.io/v1</c> AdmissionReview).</summary>
internal static class AdmissionReview
{
    /// <summary>As the API server does, warnings are cut where they would be too long to be shown.</summary>
    private const int LongestWarning = 256;

    private const string Version = "admission.k8s.io/v1";

    /// <summary>Answers the review in <paramref name="body"/>.</summary>
    /// <param name="body">The review as sent.</param>
    /// <param name="read">Reads an Ingress from JSON.</param>
    /// <param name="judge">Judges it.</param>
    /// <returns>The review with its response.</returns>
    /// <exception cref="JsonException">It is no review.</exception>
    public static ReviewAnswer Answer(
        ReadOnlyMemory<byte> body, Func<ReadOnlyMemory<byte>, IngressResource?> read, Func<IngressResource, IngressJudgement> judge)
    {
        using var review = JsonDocument.Parse(body);
        if (review.RootElement.ValueKind != JsonValueKind.Object
            || !review.RootElement.TryGetProperty("request", out var request) || request.ValueKind != JsonValueKind.Object
            || !request.TryGetProperty("uid", out var uid) || uid.ValueKind != JsonValueKind.String)
        {
            throw new JsonException("The body is no AdmissionReview: it has no request with a uid.");
        }
        if (!IsText(review.RootElement, "apiVersion", Version))
            throw new JsonException($"The review is of another version than {Version}.");
        // A deletion has no new object, other kinds are none of ours, and one that is being deleted must be able to go.
        var judgement = IsIngress(request) && request.TryGetProperty("object", out var candidate) && candidate.ValueKind == JsonValueKind.Object
            && !IsBeingDeleted(candidate) && read(JsonSerializer.SerializeToUtf8Bytes(candidate)) is { } ingress
                ? judge(ingress)
                : new IngressJudgement([], []);
        return new ReviewAnswer(new ReviewResponse(
            uid.GetString()!,
            judgement.Refusals.Count == 0,
            judgement.Refusals.Count == 0 ? null : new ReviewStatus(403, "Forbidden", string.Join("; ", judgement.Refusals.Select(Say))),
            judgement.Warnings.Count == 0 ? null : [.. judgement.Warnings.Select(warning => Cut(Say(warning)))]));
    }

    private static bool IsIngress(JsonElement request) =>
        request.TryGetProperty("kind", out var kind) && kind.ValueKind == JsonValueKind.Object
        && IsText(kind, "kind", "Ingress") && IsText(kind, "group", "networking.k8s.io");

    /// <summary>Then only its finalizers are taken away, one after the other.</summary>
    private static bool IsBeingDeleted(JsonElement candidate) =>
        candidate.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
        && metadata.TryGetProperty("deletionTimestamp", out var deleted) && deleted.ValueKind == JsonValueKind.String;

    private static bool IsText(JsonElement element, string name, string text) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    /// <summary>Without the object: the API server says which it is.</summary>
    private static string Say(Diagnostic diagnostic)
    {
        var value = diagnostic.Value is null ? "" : $" \"{Diagnostic.Printable(diagnostic.Value)}\"";
        return $"{diagnostic.Field}{value}: {diagnostic.Problem}. {diagnostic.Remedy}.";
    }

    private static string Cut(string text) => text.Length <= LongestWarning ? text : string.Concat(text.AsSpan(0, LongestWarning - 1), "…");
}

/// <summary>The answer as sent.</summary>
internal sealed record ReviewAnswer(ReviewResponse Response, string ApiVersion = "admission.k8s.io/v1", string Kind = "AdmissionReview");

/// <summary>Whether the object may be stored.</summary>
internal sealed record ReviewResponse(string Uid, bool Allowed, ReviewStatus? Status, IReadOnlyList<string>? Warnings);

/// <summary>Why not.</summary>
internal sealed record ReviewStatus(int Code, string Reason, string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReviewAnswer))]
internal sealed partial class ReviewJson : JsonSerializerContext;
