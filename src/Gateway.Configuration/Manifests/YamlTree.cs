using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gateway.Configuration.Manifests;

/// <summary>YAML text to nodes: aliases and merge keys resolved, with bounds on what a hostile file can make of them.</summary>
internal sealed partial class YamlTree
{
    /// <summary>Deeper than any Kubernetes object, shallow enough for the stack.</summary>
    public const int MaxDepth = 200;

    /// <summary>How many nodes the aliases of a file may stand for.</summary>
    public const int MaxAliased = 100_000;

    /// <summary>What YAML's c-printable leaves out (YAML 1.2, 5.1), but for halves of surrogate pairs, which no decoded text has.</summary>
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Append(0xFFFE).Append(0xFFFF).Where(IsForbidden).Select(code => (char)code)]);

    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, Node> _anchors = [];
    private long _aliased;

    private readonly Scanner _scanner;

    private YamlTree(string text)
    {
        _scanner = new Scanner(new StringReader(text));
        _parser = new Parser(_scanner);
    }

    /// <summary>The root nodes of the documents; empty documents are left out.</summary>
    /// <exception cref="ManifestSyntaxException">The text is not YAML.</exception>
    public static List<Node> Read(string text)
    {
        RefuseForbidden(text);
        try
        {
            return ReadAsWritten(text);
        }
        catch (ManifestSyntaxException) when (BlankLine().IsMatch(text))
        {
            // The scanner refuses a block scalar that begins with a line of blanks, which YAML allows and charts write.
            return ReadAsWritten(BlankLine().Replace(text, ""));
        }
    }

    // The scanner takes a NUL for the end of the text, and everything after it would be lost without a word.
    private static void RefuseForbidden(string text)
    {
        var at = text.AsSpan().IndexOfAny(Forbidden);
        if (at < 0)
            return;
        var before = text.AsSpan(0, at);
        throw new ManifestSyntaxException(
            before.Count('\n') + 1, at - before.LastIndexOf('\n'),
            string.Create(CultureInfo.InvariantCulture, $"this is not YAML: the character U+{(int)text[at]:X4} is not allowed"),
            "Remove it, or write it as an escape within double quotes");
    }

    private static bool IsForbidden(int code) => code is (< ' ' and not ('\t' or '\n' or '\r')) or (> '~' and not 0x85);

    private static List<Node> ReadAsWritten(string text)
    {
        var tree = new YamlTree(text);
        try
        {
            return tree.ReadDocuments();
        }
        catch (YamlException e)
        {
            throw NotYaml(e.Start, Uncapitalized(e.Message), text);
        }
        catch (Exception e) when (e is not ManifestSyntaxException)
        {
            // The scanner has exceptions of other types too, without a place, for text that it does not expect.
            throw NotYaml(tree._scanner.CurrentPosition, "the text ends or changes in the middle of a value", text);
        }
    }

    private List<Node> ReadDocuments()
    {
        List<Node> documents = [];
        _parser.Consume<StreamStart>();
        while (_parser.TryConsume<DocumentStart>(out _))
        {
            _anchors.Clear();
            var root = ReadNode(0);
            _parser.Consume<DocumentEnd>();
            if (root is not ScalarNode { Kind: ScalarKind.Null })
                documents.Add(root);
        }
        _parser.Consume<StreamEnd>();
        return documents;
    }

    private Node ReadNode(int depth)
    {
        var here = _parser.Current!;
        var (line, column) = Place(here.Start);
        if (depth > MaxDepth)
            throw new ManifestSyntaxException(line, column, $"values are nested more than {MaxDepth} deep", "Remove the nesting");
        if (_parser.TryConsume<AnchorAlias>(out var alias))
            return Resolve(alias, line, column);

        Node node;
        if (_parser.TryConsume<Scalar>(out var scalar))
            node = new ScalarNode(KindOf(scalar), scalar.Value, line, column);
        else if (here is SequenceStart)
            node = ReadSequence(new SequenceNode(line, column), depth);
        else
            node = ReadMapping(new MappingNode(line, column), depth);

        // Only now: a node that names itself has no end.
        if (here is NodeEvent { Anchor.IsEmpty: false } anchored)
            _anchors[anchored.Anchor] = node;
        return node;
    }

    private SequenceNode ReadSequence(SequenceNode sequence, int depth)
    {
        _parser.Consume<SequenceStart>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            sequence.Add(ReadNode(depth + 1));
        return sequence;
    }

    private MappingNode ReadMapping(MappingNode mapping, int depth)
    {
        _parser.Consume<MappingStart>();
        List<Node>? merged = null;
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var merges = _parser.Current is Scalar { Style: ScalarStyle.Plain, Value: "<<" };
            var key = ReadNode(depth + 1);
            var value = ReadNode(depth + 1);
            if (merges)
                (merged ??= []).Add(value);
            else if (key is ScalarNode text)
                mapping.Add(text.Text, text.Line, text.Column, value);
            else
                throw new ManifestSyntaxException(
                    key.Line, key.Column, "a key must be text",
                    "Write a text before the colon; a template like \"{{ … }}\" must be rendered first");
        }
        foreach (var source in merged ?? [])
            Merge(source, mapping);
        return mapping;
    }

    private static void Merge(Node source, MappingNode target)
    {
        var sources = source is SequenceNode sequence ? sequence.Items : [source];
        foreach (var one in sources)
        {
            if (one is not MappingNode from)
                throw new ManifestSyntaxException(one.Line, one.Column, "only a mapping can be merged by \"<<\"", "Write \"<<: *anchor\" with the anchor on a mapping");
            foreach (var (key, value) in from.Entries)
                target.TryAdd(key, value);
        }
    }

    private Node Resolve(AnchorAlias alias, int line, int column)
    {
        if (!_anchors.TryGetValue(alias.Value, out var node))
            throw new ManifestSyntaxException(line, column, $"the alias *{alias.Value.Value} names no anchor that was ended before it", "Define the anchor first, in the same document");
        _aliased += node.Nodes;
        if (_aliased > MaxAliased)
            throw new ManifestSyntaxException(line, column, $"aliases stand for more than {MaxAliased} values", "Write the values out");
        return node;
    }

    private static ScalarKind KindOf(Scalar scalar)
    {
        if (!scalar.Tag.IsEmpty)
        {
            switch (scalar.Tag.Value)
            {
                case "!" or "tag:yaml.org,2002:str":
                    return ScalarKind.Text;
                case "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:null":
                    return YamlScalar.KindOf(scalar.Value);
            }
        }
        return scalar.Style == ScalarStyle.Plain ? YamlScalar.KindOf(scalar.Value) : ScalarKind.Text;
    }

    private static (int Line, int Column) Place(Mark mark) => ((int)mark.Line, (int)mark.Column);

    private static ManifestSyntaxException NotYaml(Mark mark, string problem, string text)
    {
        var (line, column) = Place(mark);
        // Of a tab, the parser tells where the value before it begins.
        var lines = text.Split('\n');
        for (var i = line - 1; i < lines.Length; i++)
        {
            var indentation = lines[i].AsSpan()[..^lines[i].AsSpan().TrimStart(" \t").Length];
            if (indentation.Contains('\t') && problem.Contains("tab", StringComparison.Ordinal))
                return new ManifestSyntaxException(i + 1, indentation.IndexOf('\t') + 1, "this is not YAML: a tab in the indentation", "Indent with blanks");
        }
        var isTemplate = line <= lines.Length && lines[line - 1].Contains("{{", StringComparison.Ordinal);
        return new ManifestSyntaxException(line, column, $"this is not YAML: {problem}", isTemplate ? "Render the template first" : "Mend the syntax at this place or just before it");
    }

    private static string Uncapitalized(string sentence)
    {
        var text = sentence.TrimEnd('.', ' ');
        return text.Length == 0 ? "it cannot be parsed" : char.ToLowerInvariant(text[0]) + text[1..];
    }

    [GeneratedRegex("^[ \\t]+(?=\\r?$)", RegexOptions.Multiline)]
    private static partial Regex BlankLine();
}
