using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Writing;

/// <summary>JSON merge patch (RFC 7396), the only format that the gateway uses.</summary>
internal static class Patch
{
    /// <exception cref="ApiStatus">415: another format; 400: no object.</exception>
    public static JsonObject Apply(string mediaType, JsonObject target, JsonNode? patch)
    {
        if (mediaType != "application/merge-patch+json")
            throw new ApiStatus(415, "UnsupportedMediaType", "415: Unsupported Media Type", []);
        return Merge(target, patch as JsonObject ?? throw ApiStatus.BadRequest("error decoding patch: wrong kind of value"));
    }

    private static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is null)
                target.Remove(key);
            else if (value is JsonObject members)
                target[key] = Merge(target[key]?.DeepClone() as JsonObject ?? [], members);
            else
                target[key] = value.DeepClone();
        }
        return target;
    }
}
