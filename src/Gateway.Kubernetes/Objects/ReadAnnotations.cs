using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Objects;

/// <summary>Reads the annotations that can mean anything to the gateway; the others (a whole last applied version may be among them) never become strings.</summary>
internal sealed class ReadAnnotations(StringPool pool) : JsonConverter<Annotations>
{
    /// <inheritdoc/>
    public override Annotations Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException();
        List<KeyValuePair<string, string>>? relevant = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = pool.Get(ref reader);
            reader.Read();
            if (!Annotations.IsRelevant(name))
                reader.Skip();
            else
                (relevant ??= []).Add(new(name, reader.TokenType == JsonTokenType.String ? pool.Get(ref reader) : throw new JsonException()));
        }
        return relevant is null ? Annotations.Empty : Annotations.From(relevant);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Annotations value, JsonSerializerOptions options) => throw new NotSupportedException();
}
