using System.Text;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>Strings for the bytes of fields, most of which come again and again: each is made once, as long as no other takes its place.</summary>
internal static class InternedText
{
    private const int Slots = 4096;
    private const int Longest = 128;

    private static readonly string?[] Known = new string?[Slots];

    /// <summary>The bytes as Latin-1.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > Longest)
            return Encoding.Latin1.GetString(bytes);
        var hash = new HashCode();
        hash.AddBytes(bytes);
        ref var slot = ref Known[(uint)hash.ToHashCode() % Slots];
        var known = Volatile.Read(ref slot);
        if (known is not null && Ascii.Equals(bytes, known))
            return known;
        var text = Encoding.Latin1.GetString(bytes);
        Volatile.Write(ref slot, text);
        return text;
    }
}
