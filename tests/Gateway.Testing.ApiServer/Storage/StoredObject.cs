using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Storage;

/// <summary>One version of an object: its JSON without kind and apiVersion, and what selectors look at.</summary>
internal sealed class StoredObject
{
    private byte[]? _metadata;

    /// <param name="type">The object's kind.</param>
    /// <param name="body">The object without kind and apiVersion, metadata first; not kept.</param>
    public StoredObject(ResourceType type, JsonObject body)
    {
        Type = type;
        Name = body.TextAt("metadata.name")!;
        Namespace = body.TextAt("metadata.namespace");
        Body = Json.Bytes(body);
        Labels = (body.At("metadata.labels") as JsonObject)?.ToDictionary(label => label.Key, label => label.Value?.GetValue<string>() ?? "") ?? [];
        Fields = type.Fields.ToDictionary(field => field, field => body.TextAt(field) ?? "");
        Fields["metadata.name"] = Name;
        if (type.Namespaced)
            Fields["metadata.namespace"] = Namespace!;
    }

    public ResourceType Type { get; }
    public string Name { get; }
    public string? Namespace { get; }
    public string Key => Type.Key(Namespace, Name);
    public byte[] Body { get; }
    public IReadOnlyDictionary<string, string> Labels { get; }
    public Dictionary<string, string> Fields { get; }

    /// <summary>The object as a fresh tree, without kind and apiVersion.</summary>
    public JsonObject ToJson() => JsonNode.Parse(Body)!.AsObject();

    /// <summary>The same state with another resourceVersion, as DELETED events carry it.</summary>
    public StoredObject At(long revision)
    {
        var body = ToJson();
        body["metadata"]!["resourceVersion"] = $"{revision}";
        return new StoredObject(Type, body);
    }

    /// <summary>{"metadata":…} alone, for PartialObjectMetadata.</summary>
    public byte[] MetadataBody => _metadata ??= Json.Bytes(new JsonObject { ["metadata"] = ToJson()["metadata"]!.DeepClone() });
}
