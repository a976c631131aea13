using System.Text;
using System.Text.Json;

namespace Gateway.Configuration.Manifests;

/// <summary>JSON text (RFC 8259; several values may follow one another) to nodes.</summary>
internal ref struct JsonTree
{
    private readonly ReadOnlySpan<byte> _text;
    private Utf8JsonReader _reader;
    private long _placed;
    private int _line = 1;
    private int _column = 1;

    private JsonTree(ReadOnlySpan<byte> text)
    {
        _text = text;
        _reader = new Utf8JsonReader(text, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = YamlTree.MaxDepth });
    }

    /// <summary>The values of the text, nulls left out.</summary>
    /// <exception cref="ManifestSyntaxException">The text is not JSON.</exception>
    public static List<Node> Read(string text)
    {
        List<Node> documents = [];
        var tree = new JsonTree(Encoding.UTF8.GetBytes(text));
        try
        {
            while (tree._reader.Read())
            {
                if (tree.ReadNode() is var node and not ScalarNode { Kind: ScalarKind.Null })
                    documents.Add(node);
            }
            return documents;
        }
        catch (JsonException e)
        {
            var problem = e.Message.Split(" LineNumber:")[0].TrimEnd('.', ' ');
            throw new ManifestSyntaxException(
                (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1,
                $"this is not JSON: {problem}", "Mend the syntax at this place or just before it");
        }
    }

    private Node ReadNode()
    {
        var (line, column) = Place();
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var mapping = new MappingNode(line, column);
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
                {
                    var (keyLine, keyColumn) = Place();
                    var key = ReadText();
                    _reader.Read();
                    mapping.Add(key, keyLine, keyColumn, ReadNode());
                }
                return mapping;
            case JsonTokenType.StartArray:
                var sequence = new SequenceNode(line, column);
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                    sequence.Add(ReadNode());
                return sequence;
            case JsonTokenType.String:
                return new ScalarNode(ScalarKind.Text, ReadText(), line, column);
            case JsonTokenType.Null:
                return new ScalarNode(ScalarKind.Null, "", line, column);
            default:
                var kind = _reader.TokenType == JsonTokenType.Number ? ScalarKind.Number : ScalarKind.Boolean;
                return new ScalarNode(kind, Encoding.UTF8.GetString(_reader.ValueSpan), line, column);
        }
    }

    private string ReadText()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            var (line, column) = Place();
            throw new ManifestSyntaxException(line, column, "this is not JSON: half of a surrogate pair", "Write both halves, or the character itself");
        }
    }

    /// <summary>Line and column of the current token; each byte is looked at once in all.</summary>
    private (int Line, int Column) Place()
    {
        for (; _placed < _reader.TokenStartIndex; _placed++)
        {
            var octet = _text[(int)_placed];
            if (octet == '\n')
                (_line, _column) = (_line + 1, 1);
            else if ((octet & 0xC0) != 0x80)
                _column++;
        }
        return (_line, _column);
    }
}
