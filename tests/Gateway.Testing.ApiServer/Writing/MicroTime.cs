using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Testing.ApiServer.Writing;

/// <summary>Times of Leases and Events: exactly six fractional digits, stored in UTC.</summary>
internal static partial class MicroTime
{
    private static readonly string[] Paths = ["spec.acquireTime", "spec.renewTime", "eventTime", "series.lastObservedTime"];

    /// <exception cref="FormatException">A time has another form; the message is the server's.</exception>
    public static void Normalize(ResourceType type, JsonObject body)
    {
        if (type.Kind is not ("Lease" or "Event"))
            return;
        foreach (var path in Paths)
        {
            if (body.TextAt(path) is not { } text)
                continue;
            var match = Form().Match(text);
            if (!match.Groups[2].Success)
            {
                var rest = match.Groups[1].Success ? text[match.Groups[1].Length..] : text;
                var problem = match.Groups[1].Success && Fraction().Match(rest) is { Success: true } fraction
                    ? $"cannot parse \"{rest[fraction.Length..]}\" as \"Z07:00\""
                    : $"cannot parse \"{rest}\" as \".000000\"";
                throw new FormatException($"parsing time \"{text}\" as \"2006-01-02T15:04:05.000000Z07:00\": {problem}");
            }
            var keys = path.Split('.');
            var parent = keys.Length == 1 ? body : body[keys[0]]!.AsObject();
            parent[keys[^1]] = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        }
    }

    [GeneratedRegex(@"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{6}(?:Z|[+-]\d\d:\d\d)$)?")]
    private static partial Regex Form();

    [GeneratedRegex(@"^\.\d{6}")]
    private static partial Regex Fraction();
}
