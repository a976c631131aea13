using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Writing;

/// <summary>The patch formats: JSON merge patch (RFC 7396) and JSON patch (RFC 6902: add, replace, remove, test).</summary>
internal static class Patch
{
    /// <exception cref="ApiStatus">415: another format; 422: the patch does not fit.</exception>
    public static JsonObject Apply(string mediaType, JsonObject target, JsonNode patch) => (mediaType, patch) switch
    {
        ("application/merge-patch+json", JsonObject merge) => Merge(target, merge),
        ("application/json-patch+json", JsonArray operations) => Run(target, operations),
        ("application/merge-patch+json" or "application/json-patch+json", _) => throw ApiStatus.BadRequest("error decoding patch: wrong kind of value"),
        _ => throw new ApiStatus(415, "UnsupportedMediaType", "415: Unsupported Media Type", []),
    };

    private static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is null)
                target.Remove(key);
            else
                target[key] = value is JsonObject members ? Merge(target[key] as JsonObject is { } old ? old.DeepClone().AsObject() : [], members) : value.DeepClone();
        }
        return target;
    }

    private static JsonObject Run(JsonObject target, JsonArray operations)
    {
        foreach (var operation in operations)
        {
            var keys = ((string)operation!["path"]!).Split('/')[1..].Select(key => key.Replace("~1", "/").Replace("~0", "~")).ToArray();
            JsonNode? parent = target;
            foreach (var key in keys[..^1])
                parent = parent is JsonArray items ? items[int.Parse(key)] : parent?[key];
            var (last, value) = (keys[^1], operation["value"]?.DeepClone());
            switch ((string)operation["op"]!, parent)
            {
                case ("add", JsonArray items):
                    items.Insert(last == "-" ? items.Count : int.Parse(last), value);
                    break;
                case ("replace", JsonArray items):
                    items[int.Parse(last)] = value;
                    break;
                case ("remove", JsonArray items):
                    items.RemoveAt(int.Parse(last));
                    break;
                case ("add", JsonObject members):
                    members[last] = value;
                    break;
                case ("replace", JsonObject members) when members.ContainsKey(last):
                    members[last] = value;
                    break;
                case ("remove", JsonObject members) when members.Remove(last):
                    break;
                case ("test", JsonObject members) when members[last].SameAs(value):
                    break;
                default:
                    throw new ApiStatus(422, "Invalid", "the server rejected our request due to an error in our request", []);
            }
        }
        return target;
    }
}
