namespace Gateway.Configuration.Manifests;

/// <summary>A value of a manifest and the place where it was written, whatever the syntax was. Immutable once built.</summary>
internal abstract class Node(int line, int column)
{
    /// <summary>From 1.</summary>
    public int Line { get; } = line;

    /// <summary>From 1.</summary>
    public int Column { get; } = column;

    /// <summary>How many nodes this is with all below it, aliases written out.</summary>
    public long Nodes { get; protected set; } = 1;

    /// <summary>About how many characters it takes as compact JSON, aliases written out.</summary>
    public long Length { get; protected set; }

    /// <summary>Whether a mapping at or below this has a key twice.</summary>
    public bool HasDuplicates { get; protected set; }

    protected void Contain(Node child)
    {
        Nodes += child.Nodes;
        Length += child.Length + 1;
        HasDuplicates |= child.HasDuplicates;
    }
}

internal enum ScalarKind
{
    Null,
    Text,
    Boolean,
    Number,
}

internal sealed class ScalarNode : Node
{
    public ScalarNode(ScalarKind kind, string text, int line, int column)
        : base(line, column)
    {
        Kind = kind;
        Text = text;
        Length = text.Length + 2;
    }

    public ScalarKind Kind { get; }

    /// <summary>As written, without quotes.</summary>
    public string Text { get; }
}

internal sealed class SequenceNode(int line, int column) : Node(line, column)
{
    private readonly List<Node> _items = [];

    public IReadOnlyList<Node> Items => _items;

    public void Add(Node item)
    {
        _items.Add(item);
        Contain(item);
    }
}

internal sealed class MappingNode(int line, int column) : Node(line, column)
{
    /// <summary>What a missing mapping holds.</summary>
    public static readonly IReadOnlyDictionary<string, Node> NoEntries = new OrderedDictionary<string, Node>();

    private readonly OrderedDictionary<string, Node> _entries = new(StringComparer.Ordinal);
    private readonly List<(string Key, Node Place)> _duplicates = [];

    public IReadOnlyDictionary<string, Node> Entries => _entries;

    /// <summary>Keys that had been given before, and where they are given again.</summary>
    public IReadOnlyList<(string Key, Node Place)> Duplicates => _duplicates;

    /// <summary>The string under a key, or null.</summary>
    public string? TextOf(string key) => _entries.GetValueOrDefault(key) is ScalarNode { Kind: ScalarKind.Text } scalar ? scalar.Text : null;

    /// <summary>Adds an entry whose key was written at this place.</summary>
    public void Add(string key, int line, int column, Node value)
    {
        if (!TryAdd(key, value))
        {
            _duplicates.Add((key, new ScalarNode(ScalarKind.Null, "", line, column)));
            HasDuplicates = true;
        }
    }

    /// <summary>Adds an entry unless the key is there, which for a YAML merge is no mistake.</summary>
    public bool TryAdd(string key, Node value)
    {
        if (!_entries.TryAdd(key, value))
            return false;
        Length += key.Length + 3;
        Contain(value);
        return true;
    }
}

/// <summary>The text is not what its format asks for.</summary>
internal sealed class ManifestSyntaxException(int line, int column, string problem, string remedy) : Exception(problem)
{
    public int Line { get; } = line;

    public int Column { get; } = column;

    public string Remedy { get; } = remedy;
}
