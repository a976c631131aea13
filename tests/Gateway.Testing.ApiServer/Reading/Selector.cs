using System.Text.RegularExpressions;
using Gateway.Testing.ApiServer.Storage;

namespace Gateway.Testing.ApiServer.Reading;

/// <summary>Which objects a LIST or WATCH is about: the path's namespace, labelSelector and fieldSelector.</summary>
internal sealed partial class Selector
{
    private readonly string? _namespace;
    private readonly Predicate<StoredObject>[] _requirements;

    /// <exception cref="ApiStatus">400: a selector is malformed, or names a field that cannot be selected by.</exception>
    public Selector(ResourceType type, string? ns, string? labels, string? fields)
    {
        _namespace = ns;
        _requirements =
        [
            .. LabelRequirement().Matches(labels ?? "").Select(match => Label(match.Value.Trim())),
            .. (fields ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(part => Field(type, part)),
        ];
    }

    /// <summary>A label or field selector is given.</summary>
    public bool Narrows => _requirements.Length > 0;

    public bool Matches(StoredObject? stored) =>
        stored is not null && (_namespace is null || stored.Namespace == _namespace) && Array.TrueForAll(_requirements, requirement => requirement(stored));

    private static Predicate<StoredObject> Label(string text)
    {
        if (SetRequirement().Match(text) is { Success: true } set)
        {
            var (key, values) = (set.Groups[1].Value, set.Groups[3].Value.Split(',', StringSplitOptions.TrimEntries));
            return set.Groups[2].Value == "in"
                ? stored => stored.Labels.TryGetValue(key, out var value) && values.Contains(value)
                : stored => !stored.Labels.TryGetValue(key, out var value) || !values.Contains(value);
        }
        if (Comparison().Match(text) is { Success: true } comparison)
        {
            var (key, wanted) = (comparison.Groups[1].Value, comparison.Groups[3].Value);
            if (wanted.StartsWith('='))
                throw ApiStatus.BadRequest("unable to parse requirement: found '=', expected: identifier");
            return comparison.Groups[2].Value == "!="
                ? stored => stored.Labels.GetValueOrDefault(key) != wanted
                : stored => stored.Labels.GetValueOrDefault(key) == wanted;
        }
        return text.StartsWith('!')
            ? stored => !stored.Labels.ContainsKey(text[1..].Trim())
            : stored => stored.Labels.ContainsKey(text);
    }

    private static Predicate<StoredObject> Field(ResourceType type, string text)
    {
        var match = Comparison().Match(text);
        var (field, wanted, equal) = (match.Groups[1].Value, match.Groups[3].Value, match.Groups[2].Value != "!=");
        string[] known = type.Namespaced ? ["metadata.name", "metadata.namespace"] : ["metadata.name"];
        if (!known.Concat(type.Fields).Contains(field))
        {
            throw ApiStatus.BadRequest(type.Group.Length == 0
                ? $"field label not supported: {field}"
                : $"\"{field}\" is not a known field selector: only {string.Join(", ", known.Select(k => $"\"{k}\""))}");
        }
        return stored => stored.Fields[field] == wanted == equal;
    }

    [GeneratedRegex(@"(?:[^,(]|\([^)]*\))+")]
    private static partial Regex LabelRequirement();

    [GeneratedRegex(@"^(\S+)\s+(in|notin)\s*\(([^)]*)\)$")]
    private static partial Regex SetRequirement();

    [GeneratedRegex(@"^([^=!\s]+)\s*(!=|==|=)\s*(.*)$")]
    private static partial Regex Comparison();
}
