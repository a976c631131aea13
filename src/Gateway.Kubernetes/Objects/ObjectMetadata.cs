using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Objects;

/// <summary>What identifies a version of an object.</summary>
internal record ObjectIdentity
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }

    /// <summary>Differs with every version, so it does not go into the pool.</summary>
    [JsonConverter(typeof(UniqueText))]
    public string? ResourceVersion { get; init; }

    /// <summary>Namespace and name.</summary>
    /// <exception cref="JsonException">The object has no name.</exception>
    [JsonIgnore]
    public ObjectName ObjectName => Name is { Length: > 0 } ? new ObjectName(Namespace ?? "", Name) : throw new JsonException("The object has no name.");
}

/// <summary>The parts of <c>metadata</c> that are used. Managed fields, owners and foreign labels are passed over unread.</summary>
internal sealed record ObjectMetadata : ObjectIdentity
{
    [JsonConverter(typeof(UniqueText))]
    public string? Uid { get; init; }

    public DateTimeOffset? CreationTimestamp { get; init; }

    public Annotations? Annotations { get; init; }

    public ObjectLabels? Labels { get; init; }
}

/// <summary>The labels that are used.</summary>
internal sealed record ObjectLabels
{
    [JsonPropertyName("kubernetes.io/service-name")]
    public string? Service { get; init; }
}

/// <summary>Any object, or a bookmark, as far as is needed to know which it is.</summary>
internal sealed record ObjectHead
{
    public ObjectIdentity? Metadata { get; init; }
}

/// <summary>The <c>metadata</c> of a list.</summary>
internal sealed record ListMetadata
{
    [JsonConverter(typeof(UniqueText))]
    public string? ResourceVersion { get; init; }

    /// <summary>Where the next page begins; null or empty: this is the last one.</summary>
    [JsonConverter(typeof(UniqueText))]
    public string? Continue { get; init; }
}

/// <summary>Reads a text that will hardly come again.</summary>
internal sealed class UniqueText : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
