using System.Text.Json;

namespace Gateway.Kubernetes.Api;

/// <summary>Reads single fields of an object of the API that needs no type of its own; a field that is missing or of another type is null.</summary>
internal static class JsonPaths
{
    extension(JsonElement element)
    {
        /// <summary>The value at <paramref name="path"/>, or null.</summary>
        public JsonElement? Find(params ReadOnlySpan<string> path)
        {
            var at = element;
            foreach (var name in path)
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
                    return null;
            }
            return at;
        }

        /// <summary>The text at <paramref name="path"/>, or null.</summary>
        public string? Text(params ReadOnlySpan<string> path) =>
            element.Find(path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

        /// <summary>The elements of the list at <paramref name="path"/>; none when there is no list.</summary>
        public IEnumerable<JsonElement> Items(params ReadOnlySpan<string> path) =>
            element.Find(path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];
    }
}
