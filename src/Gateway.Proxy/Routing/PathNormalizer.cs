using System.Buffers;
using System.Text;

namespace Gateway.Proxy.Routing;

/// <summary>
/// Turns the path of a request target into the one that routes are matched on, as nginx does: percent-decoded, then
/// slashes merged, <c>.</c> and <c>..</c> resolved. Since that happens after decoding and only once, no spelling
/// (<c>//</c>, <c>/./</c>, <c>%2e%2e</c>, <c>%2f</c>) reaches a route that the plain path would not.
/// </summary>
internal static class PathNormalizer
{
    // RFC 3986 allows fewer. A '#' is none of them: a fragment is never sent, and an upstream may cut the path there.
    private static readonly SearchValues<char> Literal = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-._~!$&'()*+,;=:@\"<>[\\]^`{|}");

    private static readonly SearchValues<string> ToResolve = SearchValues.Create(["//", "/./", "/../"], StringComparison.Ordinal);

    /// <summary>Normalizes <paramref name="path"/>; one that is normal already is returned itself.</summary>
    /// <param name="path">The request target up to its <c>?</c>, as sent.</param>
    /// <param name="buffer">At least as long as <paramref name="path"/>.</param>
    /// <param name="normalized">Starts with <c>/</c>; lies in <paramref name="path"/> or in <paramref name="buffer"/>.</param>
    /// <returns>
    /// False for what deserves 400: no slash at the start, a character that is not allowed unencoded, an invalid
    /// escape, an encoded control character, invalid UTF-8, <c>..</c> above the root.
    /// </returns>
    public static bool TryNormalize(ReadOnlySpan<char> path, Span<char> buffer, out ReadOnlySpan<char> normalized)
    {
        normalized = path;
        if (!path.StartsWith('/'))
            return false;
        return IsNormal(path) || TryRewrite(path, buffer, out normalized);
    }

    private static bool IsNormal(ReadOnlySpan<char> path) =>
        !path.ContainsAnyExcept(Literal) && !path.ContainsAny(ToResolve) && !path.EndsWith("/.") && !path.EndsWith("/..");

    private static bool TryRewrite(ReadOnlySpan<char> path, Span<char> buffer, out ReadOnlySpan<char> normalized)
    {
        normalized = default;
        var length = 0;
        while (!path.IsEmpty)
        {
            var next = path[0];
            var consumed = 1;
            if (next == '%')
            {
                if (!TryDecode(path, out var rune, out consumed))
                    return false;
                if (!rune.IsAscii)
                {
                    length += rune.EncodeToUtf16(buffer[length..]);
                    path = path[consumed..];
                    continue;
                }
                next = (char)rune.Value;
            }
            else if (!Literal.Contains(next))
            {
                return false;
            }

            if (next != '/')
            {
                buffer[length++] = next;
            }
            else
            {
                if (!TryEndSegment(buffer, ref length))
                    return false;
                if (length == 0 || buffer[length - 1] != '/')
                    buffer[length++] = '/';
            }
            path = path[consumed..];
        }
        if (!TryEndSegment(buffer, ref length))
            return false;
        normalized = buffer[..length];
        return true;
    }

    /// <summary>Resolves a last segment of <c>.</c> or <c>..</c> into what stands before it; false above the root.</summary>
    private static bool TryEndSegment(ReadOnlySpan<char> buffer, ref int length)
    {
        var written = buffer[..length];
        if (written.EndsWith("/."))
        {
            length--;
        }
        else if (written.EndsWith("/.."))
        {
            length = written[..^3].LastIndexOf('/') + 1;
            return length > 0;
        }
        return true;
    }

    /// <summary>Decodes the escapes of one character at the start of <paramref name="path"/>.</summary>
    private static bool TryDecode(ReadOnlySpan<char> path, out Rune rune, out int consumed)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var count = 1; count <= bytes.Length; count++)
        {
            consumed = 3 * count;
            if (path.Length < consumed || path[consumed - 3] != '%'
                || Convert.FromHexString(path.Slice(consumed - 2, 2), bytes[(count - 1)..], out _, out _) != OperationStatus.Done)
            {
                break;
            }
            var status = Rune.DecodeFromUtf8(bytes[..count], out rune, out _);
            if (status == OperationStatus.Done)
                return rune.Value is >= 0x20 and not 0x7f;
            if (status == OperationStatus.InvalidData)
                break;
        }
        (rune, consumed) = (default, 0);
        return false;
    }
}
