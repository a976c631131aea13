using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Kubernetes.Objects;

/// <summary>
/// Gives the same string for the same text, mostly: names, hosts and addresses come again and again, in other objects
/// and in the next version of the same one. A fixed number of slots, each with the text that last hashed there, so it
/// neither grows nor needs a lock.
/// </summary>
internal sealed class StringPool : JsonConverter<string>
{
    private const int LongestText = 128;

    private readonly string?[] _slots = new string?[1 << 14];

    /// <summary>The text of a string or a property name.</summary>
    public string Get(ref Utf8JsonReader reader)
    {
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (length > LongestText)
            return reader.GetString()!;
        Span<byte> text = stackalloc byte[LongestText];
        return Get(text[..reader.CopyString(text)]);
    }

    /// <summary><paramref name="utf8"/> as a string.</summary>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var slot = ref _slots[hash.ToHashCode() & (_slots.Length - 1)];
        var known = slot;
        return known is not null && Ascii.Equals(utf8, known) ? known : slot = Encoding.UTF8.GetString(utf8);
    }

    /// <inheritdoc/>
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Get(ref reader) : throw new JsonException();

    /// <inheritdoc/>
    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Get(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
