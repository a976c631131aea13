using System.Globalization;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary>
/// A field of an object, there or not, with its path. Reading it as a type that it does not have reports the
/// problem and gives null, so that readers go on and find the next problem as well.
/// </summary>
internal sealed class Field
{
    private readonly Field? _parent;
    private readonly string _step;
    private readonly Node? _node;
    private readonly ObjectProblems _problems;

    /// <summary>The object itself.</summary>
    public Field(Node root, ObjectProblems problems)
    {
        _node = root;
        _step = "";
        _problems = problems;
    }

    private Field(Field parent, string step, Node? node)
    {
        _parent = parent;
        _step = step;
        _node = node;
        _problems = parent._problems;
    }

    /// <summary>As <c>kubectl explain</c> and the API server write it.</summary>
    public string Path => _parent is null ? "" : _step[0] == '[' || _parent._parent is null ? _parent.Path + _step : $"{_parent.Path}.{_step}";

    /// <summary>Of the value, or of the nearest thing around it that was written.</summary>
    public int Line => _node?.Line ?? _parent!.Line;

    /// <inheritdoc cref="Line"/>
    public int Column => _node?.Column ?? _parent!.Column;

    /// <summary>Whether a value other than null was written.</summary>
    public bool IsSet => _node is not null and not ScalarNode { Kind: ScalarKind.Null };

    /// <summary>Whether a map was written.</summary>
    public bool IsMap => _node is MappingNode;

    /// <summary>Whether the number zero was written.</summary>
    public bool IsZero => _node is ScalarNode { Kind: ScalarKind.Number, Text: "0" };

    /// <summary>A field of this one.</summary>
    public Field this[string name] => new(this, name, AsMapping()?.Entries.GetValueOrDefault(name));

    /// <summary>The value under one of the free keys of this map.</summary>
    public Field At(string key) => new(this, $"[{key}]", AsMapping()?.Entries.GetValueOrDefault(key));

    /// <summary>Whether a problem of this field has been reported.</summary>
    public bool IsReported => _problems.Concern(this);

    public bool IsWithin(string topLevel) => _parent is not null && (_parent._parent is null ? _step == topLevel : _parent.IsWithin(topLevel));

    /// <summary>The elements of a list.</summary>
    public IEnumerable<Field> Items()
    {
        if (!IsSet)
            yield break;
        if (_node is not SequenceNode sequence)
        {
            WrongType("a list");
            yield break;
        }
        for (var i = 0; i < sequence.Items.Count; i++)
            yield return new Field(this, string.Create(CultureInfo.InvariantCulture, $"[{i}]"), sequence.Items[i]);
    }

    /// <summary>The entries of a map whose keys are free.</summary>
    public IEnumerable<KeyValuePair<string, Field>> Entries()
    {
        foreach (var (key, value) in AsMapping()?.Entries ?? MappingNode.NoEntries)
            yield return new(key, new Field(this, $"[{key}]", value));
    }

    /// <summary>The values of a map from text to text; a null is an empty text.</summary>
    public IEnumerable<KeyValuePair<string, string>> TextEntries()
    {
        foreach (var (key, field) in Entries())
        {
            if (!field.IsSet)
                yield return new(key, "");
            else if (field.Text() is { } text)
                yield return new(key, text);
        }
    }

    /// <summary>A string, or null when there is none.</summary>
    public string? Text() => AsScalar(ScalarKind.Text, "a string")?.Text;

    /// <summary>A string that must be there and not be empty.</summary>
    public string? RequiredText(string remedy)
    {
        var text = Text();
        if (!IsSet || text is "")
            Missing(remedy);
        return text;
    }

    public bool? Flag() => AsScalar(ScalarKind.Boolean, "true or false") is { } scalar ? YamlScalar.IsTrue(scalar.Text) : null;

    /// <summary>A port number, 1 to 65535.</summary>
    public int? Port()
    {
        if (AsScalar(ScalarKind.Number, "a number") is not { } scalar)
            return null;
        if (YamlScalar.TryParseNumber(scalar.Text, out var number) && number is >= 1 and <= 65535 && number == Math.Floor(number))
            return (int)number;
        Refuse("a port must be a whole number from 1 to 65535", "Write the number of the port");
        return null;
    }

    /// <summary>A port by number or by name.</summary>
    public PortReference PortOrName()
    {
        if (_node is not ScalarNode { Kind: ScalarKind.Text } scalar)
            return Port() is { } number ? new PortReference(number, null) : default;
        CheckName(KubernetesName.Port);
        return new PortReference(0, scalar.Text);
    }

    /// <summary>Reports a text that breaks <paramref name="rule"/>.</summary>
    public void CheckName(KubernetesName rule)
    {
        if (IsSet && Text() is { } text && !rule.Allows(text))
            Refuse($"this is not {rule.What}", rule.Remedy);
    }

    /// <summary>The text when it is one of <paramref name="allowed"/>; reports any other.</summary>
    public string? OneOf(params ReadOnlySpan<string> allowed)
    {
        if (Text() is not { } text)
            return null;
        if (allowed.Contains(text))
            return text;
        Refuse("the value is not known", $"Write one of {string.Join(", ", allowed)}");
        return null;
    }

    /// <summary>Warns of fields that the API does not have: mostly misspelt ones.</summary>
    public void Knows(params ReadOnlySpan<string> names)
    {
        if (!IsSet)
            return;
        foreach (var (key, value) in AsMapping()?.Entries ?? MappingNode.NoEntries)
        {
            if (!names.Contains(key))
                new Field(this, StepTo(key), value).Warn("there is no such field, it is ignored", $"The fields here are {string.Join(", ", names)}");
        }
    }

    /// <summary>Reports that this must be there; not when what is around it has been reported, say as of the wrong type.</summary>
    public void Missing(string remedy)
    {
        if (_parent is not { IsReported: true })
            _problems.Add(DiagnosticSeverity.Error, this, null, "this is required", remedy);
    }

    /// <summary>Reports something that is ignored.</summary>
    public void Warn(string problem, string remedy) => Report(DiagnosticSeverity.Warning, problem, remedy);

    /// <summary>Reports a problem for which the API server would refuse the object.</summary>
    public void Refuse(string problem, string remedy) => Report(DiagnosticSeverity.Error, problem, remedy);

    /// <summary>Reports keys that stand twice in a mapping at or below this field.</summary>
    public void RefuseDuplicates()
    {
        if (_node is not { HasDuplicates: true })
            return;
        if (_node is SequenceNode)
        {
            foreach (var item in Items())
                item.RefuseDuplicates();
        }
        else if (_node is MappingNode mapping)
        {
            foreach (var (key, place) in mapping.Duplicates)
                new Field(this, StepTo(key), place).Refuse("the key is there twice", "Remove one of the two");
            foreach (var (key, value) in mapping.Entries)
                new Field(this, StepTo(key), value).RefuseDuplicates();
        }
    }

    private string RemedyFor(string wanted) => _node switch
    {
        ScalarNode when wanted == "a string" => "Quote it",
        ScalarNode { Kind: ScalarKind.Text, Text: [>= '0' and <= '9', ..] } when wanted == "a number" => "Write the number without quotes",
        _ => $"Write {wanted}",
    };

    private static string StepTo(string key) => key.Length > 0 && key.All(char.IsAsciiLetterOrDigit) ? key : $"[{key}]";

    private void Report(DiagnosticSeverity severity, string problem, string remedy) =>
        _problems.Add(severity, this, IsSet ? (_node as ScalarNode)?.Text : null, problem, remedy);

    private MappingNode? AsMapping()
    {
        if (IsSet && _node is not MappingNode)
            WrongType("a map of fields");
        return _node as MappingNode;
    }

    private ScalarNode? AsScalar(ScalarKind kind, string wanted)
    {
        if (!IsSet)
            return null;
        if (_node is ScalarNode scalar && scalar.Kind == kind)
            return scalar;
        WrongType(wanted);
        return null;
    }

    private void WrongType(string wanted)
    {
        var found = _node switch
        {
            SequenceNode => "a list",
            MappingNode => "a map",
            ScalarNode { Kind: ScalarKind.Boolean } => "a boolean",
            ScalarNode { Kind: ScalarKind.Number } => "a number",
            _ => "a string",
        };
        Refuse($"this is {found}, not {wanted}", RemedyFor(wanted));
    }
}
