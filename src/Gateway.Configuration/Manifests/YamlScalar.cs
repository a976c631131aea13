using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Configuration.Manifests;

/// <summary>
/// What a scalar without quotes means. kubectl reads YAML 1.1: <c>yes</c> and <c>on</c> are booleans, <c>010</c> is
/// eight, and what looks like a date is text.
/// </summary>
internal static partial class YamlScalar
{
    public static ScalarKind KindOf(string plain) => plain switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ScalarKind.Null,
        _ when IsTrue(plain) || IsFalse(plain) => ScalarKind.Boolean,
        _ when TryParseNumber(plain, out _) => ScalarKind.Number,
        _ => ScalarKind.Text,
    };

    public static bool IsTrue(string plain) =>
        plain is "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y";

    private static bool IsFalse(string plain) =>
        plain is "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N";

    public static bool TryParseNumber(string plain, out double number)
    {
        number = 0;
        if (!(char.IsAsciiDigit(plain[0]) || plain[0] is '+' or '-' or '.'))
            return false;
        var text = plain.Contains('_') ? plain.Replace("_", "") : plain;
        if (Based().Match(text) is { Success: true } match)
        {
            var (radix, digits) = match.Groups["hex"].Success ? (16, match.Groups["hex"])
                : match.Groups["bin"].Success ? (2, match.Groups["bin"])
                : (8, match.Groups["oct"]);
            foreach (var digit in digits.ValueSpan)
                number = number * radix + Convert.ToInt32(digit.ToString(), 16);
            if (text[0] == '-')
                number = -number;
            return true;
        }
        if (text.TrimStart('+', '-') is ".inf" or ".Inf" or ".INF" || text is ".nan" or ".NaN" or ".NAN")
        {
            number = double.NaN;
            return true;
        }
        return Decimal().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    [GeneratedRegex("^[-+]?0(x(?<hex>[0-9a-fA-F]+)|b(?<bin>[01]+)|o?(?<oct>[0-7]+))$", RegexOptions.ExplicitCapture)]
    private static partial Regex Based();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Decimal();
}
