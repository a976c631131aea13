using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Proxy.Tests.Routing;

/// <summary>The path that routes are matched on, said as plainly as possible: decode all, then resolve the elements.</summary>
internal static partial class NaivePath
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string? Normalize(string path)
    {
        if (!path.StartsWith('/') || !path.All(c => c is > ' ' and < '\x7f' and not '#' and not '?') || BadEscape().IsMatch(path))
            return null;

        List<byte> bytes = [];
        for (var i = 0; i < path.Length; i += path[i] == '%' ? 3 : 1)
            bytes.Add(path[i] == '%' ? Convert.ToByte(path.Substring(i + 1, 2), 16) : (byte)path[i]);
        string decoded;
        try
        {
            decoded = Utf8.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        if (decoded.Any(c => c is < ' ' or '\x7f'))
            return null;

        List<string> kept = [];
        var elements = decoded.Split('/')[1..];
        foreach (var element in elements.Where(e => e is not "" and not "."))
        {
            if (element != "..")
                kept.Add(element);
            else if (kept.Count == 0)
                return null;
            else
                kept.RemoveAt(kept.Count - 1);
        }
        var isFolder = elements[^1] is "" or "." or "..";
        return "/" + string.Concat(kept.Select(e => e + "/")).TrimEnd('/') + (isFolder && kept.Count > 0 ? "/" : "");
    }

    [GeneratedRegex("%(?![0-9A-Fa-f]{2})")]
    private static partial Regex BadEscape();
}
