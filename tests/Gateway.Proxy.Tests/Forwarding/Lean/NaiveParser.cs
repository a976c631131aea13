using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Proxy.Forwarding.Lean;

namespace Gateway.Proxy.Tests.Forwarding.Lean;

/// <summary>What a parser makes of some bytes, written down so that two can be compared.</summary>
/// <param name="Status">How far it came.</param>
/// <param name="Read">How many bytes it took, once complete.</param>
/// <param name="Found">What it found, once complete.</param>
internal sealed record Parsed(ParseStatus Status, int Read = 0, string Found = "");

/// <summary>Answers parsed as RFC 9112 describes them, a line at a time and without haste.</summary>
internal static partial class NaiveParser
{
    /// <summary>The head of an answer.</summary>
    public static Parsed Head(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        Match? status = null;
        List<(string Name, string Value)> fields = [];
        for (var at = 0; ;)
        {
            var end = text.IndexOfAny(['\r', '\n', '\0'], at);
            if (end < 0 || (text[end] == '\r' && end + 1 == text.Length))
                return new Parsed(ParseStatus.Incomplete);
            if (text[end] != '\r' || text[end + 1] != '\n')
                return new Parsed(ParseStatus.Malformed);
            var line = text[at..end];
            at = end + 2;
            if (status is null)
            {
                status = StatusLine().Match(line);
                if (!status.Success || line.Any(IsControl))
                    return new Parsed(ParseStatus.Malformed);
            }
            else if (line.Length == 0)
            {
                return Interpret(status, fields, at);
            }
            else
            {
                var field = FieldLine().Match(line);
                if (!field.Success)
                    return new Parsed(ParseStatus.Malformed);
                fields.Add((field.Groups[1].Value, field.Groups[2].Value));
            }
        }
    }

    /// <summary>A body in the chunked coding, up to the line of the last chunk.</summary>
    public static Parsed Chunks(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var body = new StringBuilder();
        for (var at = 0; ;)
        {
            var line = ChunkLine().Match(text, at);
            if (!line.Success)
                return new Parsed(BeginningOfChunkLine().IsMatch(text[at..]) ? ParseStatus.Incomplete : ParseStatus.Malformed, 0, body.ToString());
            at += line.Length;
            var size = long.Parse(line.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
                return new Parsed(ParseStatus.Complete, at, body.ToString());
            var here = (int)Math.Min(size, text.Length - at);
            body.Append(text, at, here);
            at += here;
            if (here < size || text[at..] is "" or "\r")
                return new Parsed(ParseStatus.Incomplete, 0, body.ToString());
            if (!text[at..].StartsWith("\r\n", StringComparison.Ordinal))
                return new Parsed(ParseStatus.Malformed, 0, body.ToString());
            at += 2;
        }
    }

    private static Parsed Interpret(Match status, List<(string Name, string Value)> fields, int read)
    {
        var lengths = Values("Content-Length");
        var codings = Values("Transfer-Encoding");
        long length = -1;
        if (fields.Any(field => field.Value.Any(IsControl)) || lengths.Count > 1 || codings.Count > 1
            || (lengths.Count == 1 && !(lengths[0].All(char.IsAsciiDigit) && long.TryParse(lengths[0], NumberStyles.None, CultureInfo.InvariantCulture, out length)))
            || (codings.Count == 1 && (!codings[0].Equals("chunked", StringComparison.OrdinalIgnoreCase) || lengths.Count > 0 || status.Groups[1].Value == "0")))
        {
            return new Parsed(ParseStatus.Malformed);
        }
        var code = int.Parse(status.Groups[2].Value, CultureInfo.InvariantCulture);
        var framing = code is 204 or 304 or 101 || length == 0 ? BodyFraming.None
            : codings.Count == 1 ? BodyFraming.Chunked
            : length > 0 ? BodyFraming.Length
            : BodyFraming.UntilClose;
        return new Parsed(ParseStatus.Complete, read, Describe(code, framing, length, fields));

        List<string> Values(string name) => [.. fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value)];
    }

    /// <summary>What was found in a head, as text.</summary>
    public static string Describe(int status, BodyFraming framing, long length, IEnumerable<(string Name, string Value)> fields) =>
        $"{status} {framing} {length} " + string.Join('|', fields.Select(field => field.Name + "=" + field.Value));

    private static bool IsControl(char character) => (character < ' ' && character != '\t') || character == 0x7f;

    [GeneratedRegex(@"^HTTP/1\.([0-9]) ([1-9][0-9]{2})( .*)?$", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*:[ \t]*(.*?)[ \t]*$", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex FieldLine();

    [GeneratedRegex(@"\G([0-9a-fA-F]{1,15})[ \t]*(?:;[\t -~\x80-\xff]*)?\r\n", RegexOptions.CultureInvariant)]
    private static partial Regex ChunkLine();

    [GeneratedRegex(@"^(?:[0-9a-fA-F]{0,15}|[0-9a-fA-F]{1,15}[ \t]*(?:;[\t -~\x80-\xff]*)?\r?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex BeginningOfChunkLine();
}
