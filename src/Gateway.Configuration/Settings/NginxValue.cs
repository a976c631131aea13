using System.Globalization;

namespace Gateway.Configuration.Settings;

/// <summary>The forms in which ingress-nginx writes values, in annotations and in its ConfigMap.</summary>
internal static class NginxValue
{
    /// <summary>What <see cref="TryBool"/> takes, for people.</summary>
    public const string BoolForm = "\"true\" or \"false\"";

    /// <summary>What <see cref="TrySize"/> takes, for people.</summary>
    public const string SizeForm = "a number of bytes, or one with k, m or g, such as \"8m\"; \"0\" for no limit";

    /// <summary>The longest timeout in seconds: 24 days, what a 32-bit timer of milliseconds can hold.</summary>
    public const int LongestTimeout = int.MaxValue / 1000;

    /// <summary>Go's ParseBool.</summary>
    public static bool TryBool(string text, out bool value)
    {
        value = text is "1" or "t" or "T" or "true" or "True" or "TRUE";
        return value || text is "0" or "f" or "F" or "false" or "False" or "FALSE";
    }

    /// <summary>Decimal with an optional sign, within the limits.</summary>
    public static bool TryInt(string text, int least, int most, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;

    /// <summary>Digits, with <c>b</c>, <c>k</c>, <c>m</c> or <c>g</c> in any case; in bytes.</summary>
    public static bool TrySize(string text, out long bytes)
    {
        bytes = 0;
        var trimmed = text.AsSpan().Trim();
        if (trimmed.IsEmpty)
            return false;
        var shift = char.ToLowerInvariant(trimmed[^1]) switch { 'b' => 0, 'k' => 10, 'm' => 20, 'g' => 30, _ => -1 };
        var digits = shift < 0 ? trimmed : trimmed[..^1];
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue >> Math.Max(shift, 0))
            return false;
        bytes = number << Math.Max(shift, 0);
        return true;
    }

    /// <summary>nginx's time: numbers with <c>ms s m h d w</c> (seconds without one), such as <c>1h</c> or <c>1m30s</c>; at least one millisecond.</summary>
    public static bool TryTime(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var rest = text.AsSpan().Trim();
        var seconds = 0.0;
        while (!rest.IsEmpty)
        {
            var length = rest.IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? rest.Length : end;
            if (length == 0 || !int.TryParse(rest[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return false;
            rest = rest[length..];
            var unit = rest.IndexOfAnyInRange('0', '9') is var next && next < 0 ? rest : rest[..next];
            double? factor = unit.Trim() switch { "ms" => 0.001, "" or "s" => 1, "m" => 60, "h" => 3600, "d" => 86_400, "w" => 604_800, _ => null };
            if (factor is null)
                return false;
            seconds += number * factor.Value;
            rest = rest[unit.Length..];
        }
        if (seconds is <= 0 or > LongestTimeout)
            return false;
        value = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>A comma list; items are trimmed, empty ones dropped.</summary>
    public static string[] List(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
