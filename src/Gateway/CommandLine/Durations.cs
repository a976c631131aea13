using System.Globalization;

namespace Gateway.CommandLine;

/// <summary>Durations as Go programs take them, in one unit: <c>30s</c>, <c>500ms</c>, <c>2m</c>, <c>1h</c>; a bare number means seconds.</summary>
internal static class Durations
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];

    /// <summary>Parses <paramref name="text"/>; negative values and those over a day are refused.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (unit, seconds) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal))
                continue;
            if (!double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                continue;
            if (!(number * seconds <= 86_400))
                return false;
            duration = TimeSpan.FromSeconds(number * seconds);
            return true;
        }
        return false;
    }
}
