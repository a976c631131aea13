using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer;

/// <summary>JSON as the API server writes it: compact, nothing escaped that need not be.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Bytes(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, Compact);

    public static string Text(JsonNode? node) => node?.ToJsonString(Compact) ?? "null";

    /// <summary>The value at a path of keys joined by dots, or null.</summary>
    public static JsonNode? At(this JsonNode? node, string path)
    {
        foreach (var key in path.Split('.'))
            node = (node as JsonObject)?[key];
        return node;
    }

    public static string? TextAt(this JsonNode? node, string path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>The objects of a list; empty if there is no list.</summary>
    public static IEnumerable<JsonObject> ObjectsAt(this JsonNode? node, string path) =>
        (node.At(path) as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>The object at a key, made if it is missing.</summary>
    public static JsonObject Ensure(this JsonObject node, string key)
    {
        if (node[key] is not JsonObject child)
            node[key] = child = [];
        return child;
    }

    /// <summary>Adds the members of a JSON text that are missing.</summary>
    public static void Default(this JsonObject node, [StringSyntax(StringSyntaxAttribute.Json)] string members)
    {
        foreach (var (key, value) in JsonNode.Parse(members)!.AsObject())
            node[key] ??= value?.DeepClone();
    }

    public static bool SameAs(this JsonNode? node, JsonNode? other) => JsonNode.DeepEquals(node, other);

    /// <summary>Takes out members that are null, at every depth, as decoding into a typed object does.</summary>
    public static void DropNulls(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach (var key in members.Where(m => m.Value is null).Select(m => m.Key).ToArray())
                members.Remove(key);
            foreach (var member in members)
                DropNulls(member.Value);
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
                DropNulls(item);
        }
    }
}
