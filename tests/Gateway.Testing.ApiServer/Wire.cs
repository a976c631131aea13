using System.Text;
using Gateway.Testing.ApiServer.Storage;

namespace Gateway.Testing.ApiServer;

#pragma warning disable CA1707 // The names are the protocol's.
internal enum WatchEventType { ADDED, MODIFIED, DELETED }
#pragma warning restore CA1707

/// <summary>Stored bytes put together to what goes over the wire; nothing is serialised again.</summary>
internal static class Wire
{
    /// <summary>The whole object: kind and apiVersion, then the stored body.</summary>
    public static byte[] Object(StoredObject stored, bool metadataOnly) =>
        [.. Head(stored.Type, metadataOnly), .. (metadataOnly ? stored.MetadataBody : stored.Body).AsSpan(1)];

    public static byte[] Line(WatchEventType type, StoredObject stored, bool metadataOnly) =>
        [.. Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","object":"""), .. Object(stored, metadataOnly), .. "}\n"u8];

    public static byte[] Bookmark(ResourceType type, long revision, bool metadataOnly, bool initialEnd) =>
    [
        .. """{"type":"BOOKMARK","object":"""u8, .. Head(type, metadataOnly),
        .. Encoding.UTF8.GetBytes($"\"metadata\":{{\"resourceVersion\":\"{revision}\"{(initialEnd ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "")}}}"),
        .. Encoding.UTF8.GetBytes(metadataOnly ? "" : type.Shell), .. "}}\n"u8,
    ];

    public static byte[] Error(ApiStatus status) => [.. """{"type":"ERROR","object":"""u8, .. Json.Bytes(status.ToJson()), .. "}\n"u8];

    private static byte[] Head(ResourceType type, bool metadataOnly) => Encoding.UTF8.GetBytes(metadataOnly
        ? """{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","""
        : $$"""{"kind":"{{type.Kind}}","apiVersion":"{{type.ApiVersion}}",""");
}
