using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Objects;

/// <summary><c>v1</c> Secret.</summary>
internal sealed record SecretJson : ResourceJson
{
    public string? Type { get; init; }

    [JsonConverter(typeof(CertificateData))]
    public EquatableArray<SecretEntry> Data { get; init; }

    public override Resource ToResource(ObjectName name) => new SecretResource(name, Type ?? "Opaque", Data);

    /// <summary>Reads the keys that certificates have; what else a Secret holds is not even decoded.</summary>
    internal sealed class CertificateData : JsonConverter<EquatableArray<SecretEntry>>
    {
        private static readonly string[] Keys = ["ca.crt", "tls.crt", "tls.key"];

        public override EquatableArray<SecretEntry> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.Null)
                return [];
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException();
            List<SecretEntry> entries = [];
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = KeyOf(ref reader);
                reader.Read();
                if (key is null)
                    reader.Skip();
                else
                    entries.Add(new SecretEntry(key, new SensitiveBytes(ReadBytes(ref reader))));
            }
            entries.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
            return entries.ToEquatableArray();
        }

        public override void Write(Utf8JsonWriter writer, EquatableArray<SecretEntry> value, JsonSerializerOptions options) => throw new NotSupportedException();

        private static string? KeyOf(ref Utf8JsonReader reader)
        {
            foreach (var key in Keys)
            {
                if (reader.ValueTextEquals(key))
                    return key;
            }
            return null;
        }

        private static byte[] ReadBytes(ref Utf8JsonReader reader) => reader.TokenType switch
        {
            JsonTokenType.Null => [],
            JsonTokenType.String when reader.TryGetBytesFromBase64(out var bytes) => bytes,
            _ => throw new JsonException(),
        };
    }
}

/// <summary><c>v1</c> ConfigMap.</summary>
internal sealed record ConfigMapJson : ResourceJson
{
    public Dictionary<string, string?>? Data { get; init; }

    public override Resource ToResource(ObjectName name) => new ConfigMapResource(
        name,
        (Data ?? []).Select(pair => new KeyValuePair<string, string>(pair.Key, pair.Value ?? ""))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal).ToEquatableArray());
}
