using System.Globalization;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>A request or an answer as it was on the wire; text is Latin-1, a character a byte.</summary>
/// <param name="StartLine">The first line.</param>
/// <param name="Fields">The fields in their order.</param>
internal sealed record RawMessage(string StartLine, IReadOnlyList<(string Name, string Value)> Fields)
{
    /// <summary>The body, without chunk framing.</summary>
    public string Body { get; init; } = "";

    /// <summary>Of an answer.</summary>
    public int Status => int.Parse(StartLine.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>Of a request.</summary>
    public string Target => StartLine[(StartLine.IndexOf(' ') + 1)..StartLine.LastIndexOf(' ')];

    /// <summary>The one value of a field; null when it is not there.</summary>
    public string? this[string name] => All(name) switch
    {
        [] => null,
        [var value] => value,
        var values => throw new InvalidOperationException($"{values.Length} fields {name}: {string.Join(" | ", values)}"),
    };

    /// <summary>The values of all fields of a name.</summary>
    public string[] All(string name) =>
        [.. Fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value)];

    /// <summary>Reads a head.</summary>
    public static RawMessage Parse(string head)
    {
        var lines = head.Split("\r\n");
        return new RawMessage(lines[0], [.. lines.Skip(1).Where(line => line.Length > 0).Select(Field)]);

        static (string, string) Field(string line)
        {
            var colon = line.IndexOf(':');
            return (line[..colon], line[(colon + 1)..].Trim(' '));
        }
    }
}
