using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Objects;

/// <summary>One object read.</summary>
/// <param name="Name">Namespace and name.</param>
/// <param name="Version">Its <c>resourceVersion</c>.</param>
/// <param name="Value">What is used of it.</param>
internal readonly record struct ReadObject<T>(ObjectName Name, string? Version, T Value);

/// <summary>Reads objects from UTF-8 JSON without a detour over whole API objects or strings.</summary>
internal sealed class ObjectReader
{
    private readonly ObjectJson _json;

    public ObjectReader()
    {
        var pool = new StringPool();
        _json = new ObjectJson(new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Converters = { pool, new ReadAnnotations(pool) },
        });
    }

    /// <summary>Reads an object of a kind.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public ReadObject<Resource> ReadResource(ResourceKind kind, ReadOnlySequence<byte> json)
    {
        ResourceJson read = kind switch
        {
            ResourceKind.Ingress => Read(json, _json.IngressJson),
            ResourceKind.IngressClass => Read(json, _json.IngressClassJson),
            ResourceKind.Service => Read(json, _json.ServiceJson),
            ResourceKind.EndpointSlice => Read(json, _json.EndpointSliceJson),
            ResourceKind.Secret => Read(json, _json.SecretJson),
            ResourceKind.ConfigMap => Read(json, _json.ConfigMapJson),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        var metadata = MetadataOf(read);
        return new(metadata.ObjectName, metadata.ResourceVersion, read.ToResource(metadata.ObjectName));
    }

    /// <summary>Reads an Ingress with its status.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public ReadObject<ObservedIngress> ReadIngress(ReadOnlySequence<byte> json)
    {
        var read = Read(json, _json.IngressJson);
        var metadata = MetadataOf(read);
        return new(metadata.ObjectName, metadata.ResourceVersion, new ObservedIngress((IngressResource)read.ToResource(metadata.ObjectName), read.ToStatus()));
    }

    /// <summary>Reads no more than the metadata; the value is the version.</summary>
    /// <exception cref="JsonException">There is no name.</exception>
    public ReadObject<string> ReadVersion(ReadOnlySequence<byte> json)
    {
        var metadata = ReadIdentity(json);
        return new(metadata.ObjectName, metadata.ResourceVersion, metadata.ResourceVersion ?? "");
    }

    /// <summary>Reads which object, or up to where a bookmark, this is.</summary>
    /// <exception cref="JsonException">There is no metadata.</exception>
    public ObjectIdentity ReadIdentity(ReadOnlySequence<byte> json) =>
        Read(json, _json.ObjectHead).Metadata ?? throw new JsonException("The object has no metadata.");

    /// <summary>Reads the metadata of a list.</summary>
    /// <exception cref="JsonException">There is none.</exception>
    public ListMetadata ReadListMetadata(ReadOnlySequence<byte> json) => Read(json, _json.ListMetadata);

    private static ObjectMetadata MetadataOf(ResourceJson read) => read.Metadata ?? throw new JsonException("The object has no metadata.");

    private static T Read<T>(ReadOnlySequence<byte> json, JsonTypeInfo<T> type)
    {
        var reader = new Utf8JsonReader(json);
        return JsonSerializer.Deserialize(ref reader, type) ?? throw new JsonException("The object is null.");
    }
}

/// <summary>What is read of the API's kinds.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IngressJson))]
[JsonSerializable(typeof(IngressClassJson))]
[JsonSerializable(typeof(ServiceJson))]
[JsonSerializable(typeof(EndpointSliceJson))]
[JsonSerializable(typeof(SecretJson))]
[JsonSerializable(typeof(ConfigMapJson))]
[JsonSerializable(typeof(ObjectHead))]
[JsonSerializable(typeof(ListMetadata))]
internal sealed partial class ObjectJson : JsonSerializerContext;
