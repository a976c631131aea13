using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Testing.ApiServer.Writing;

/// <summary>Times of Leases and Events: exactly six fractional digits, stored in UTC.</summary>
internal static partial class MicroTime
{
    private static readonly string[] Paths = ["spec.acquireTime", "spec.renewTime", "eventTime", "series.lastObservedTime"];

    /// <summary>Puts the times of an object into the form that is stored; returns the server's words for one that has another form, or null.</summary>
    public static string? Normalize(ResourceType type, JsonObject body)
    {
        foreach (var path in type.Kind is "Lease" or "Event" ? Paths : [])
        {
            if (body.TextAt(path) is not { } text)
                continue;
            var (seconds, fraction) = (Seconds().Match(text).Length, Fraction().Match(text).Length);
            if (fraction == 0 || !Zone().IsMatch(text[fraction..]))
            {
                var problem = fraction > 0 ? $"\"{text[fraction..]}\" as \"Z07:00\"" : $"\"{text[seconds..]}\" as \".000000\"";
                return $"parsing time \"{text}\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse {problem}";
            }
            var parent = path.LastIndexOf('.') is > 0 and var dot ? body.At(path[..dot])! : body;
            parent[path.Split('.')[^1]] = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        }
        return null;
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"^(Z|[+-]\d\d:\d\d)$")]
    private static partial Regex Zone();
}
