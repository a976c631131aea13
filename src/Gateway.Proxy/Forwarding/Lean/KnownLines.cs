using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>A field line of an answer, as text.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Passes">Whether it passes to the client as it is, unless <c>Connection</c> names it.</param>
internal sealed record KnownLine(string Name, string Value, bool Passes);

/// <summary>
/// Most lines in the heads of answers come again and again: the text of each is made once, as long as no other takes its place.
/// </summary>
internal static class KnownLines
{
    private const int Slots = 4096;
    private const int Longest = 256;

    private static readonly Slot?[] Known = new Slot?[Slots];

    /// <summary>The line with these bytes, Latin-1.</summary>
    public static KnownLine Of(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.Length + value.Length > Longest)
            return Make(name, value);
        ref var slot = ref Known[(Hash(name) ^ BitOperations.RotateLeft(Hash(value), 7)) % Slots];
        var known = Volatile.Read(ref slot);
        if (known is not null && name.SequenceEqual(known.Name) && value.SequenceEqual(known.Value))
            return known.Line;
        var line = Make(name, value);
        Volatile.Write(ref slot, new Slot(name.ToArray(), value.ToArray(), line));
        return line;
    }

    private static KnownLine Make(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var text = Encoding.Latin1.GetString(name);
        return new KnownLine(text, Encoding.Latin1.GetString(value), UpstreamHeaders.PassToClient(text) && !text.Equals("Content-Length", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Of both ends and the length: lines that have the same share a slot, and cost what they cost without it.</summary>
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var ends = bytes.Length >= sizeof(ulong)
            ? MemoryMarshal.Read<ulong>(bytes) ^ BitOperations.RotateLeft(MemoryMarshal.Read<ulong>(bytes[^sizeof(ulong)..]), 23)
            : bytes.Length >= sizeof(uint)
                ? MemoryMarshal.Read<uint>(bytes) ^ ((ulong)MemoryMarshal.Read<uint>(bytes[^sizeof(uint)..]) << 32)
                : bytes.IsEmpty ? 0 : bytes[0] | ((ulong)bytes[^1] << 8);
        return (uint)(((ends + (uint)bytes.Length) * 0x9E3779B97F4A7C15) >> 40);
    }

    private sealed record Slot(byte[] Name, byte[] Value, KnownLine Line);
}
