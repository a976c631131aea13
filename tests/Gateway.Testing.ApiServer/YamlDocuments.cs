using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Gateway.Testing.ApiServer;

/// <summary>YAML to JSON, as kubectl reads it.</summary>
internal static class YamlDocuments
{
    private static readonly IDeserializer Deserializer = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
    private static readonly ISerializer ToJson = new SerializerBuilder().JsonCompatible().Build();

    public static List<JsonObject> Read(string yaml)
    {
        List<JsonObject> documents = [];
        var parser = new Parser(new StringReader(yaml));
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
        {
            if (Deserializer.Deserialize<object?>(parser) is { } document)
                documents.Add(JsonNode.Parse(ToJson.Serialize(document))!.AsObject());
        }
        return documents;
    }
}
