using System.Buffers;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>How far a parser has come.</summary>
internal enum ParseStatus
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>It has come to the end.</summary>
    Complete,

    /// <summary>The bytes are not what they ought to be.</summary>
    Malformed,
}

/// <summary>
/// Finds field lines (RFC 9112 5) in place, up to the empty line. It may be called again with more bytes after the same
/// beginning, and goes on where it was. No bare CR or LF, no NUL, no folded line gets through.
/// </summary>
internal sealed class FieldLines
{
    /// <summary>More fields than any answer needs.</summary>
    private const int MostFields = 1000;

    /// <summary>What ends a line, or must not be in one whatever it says (RFC 9110 5.5).</summary>
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n\0"u8);

    /// <summary>RFC 9110 5.6.2: tchar.</summary>
    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private Field[] _fields = new Field[16];
    private int _scanned;

    /// <summary>How many fields were found.</summary>
    public int Count { get; private set; }

    /// <summary>Where the next line begins: past the empty line, once complete.</summary>
    public int Position { get; private set; }

    /// <summary>Begins anew.</summary>
    public void Reset() => Count = Position = _scanned = 0;

    public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> buffer, int index) => buffer.Slice(_fields[index].Start, _fields[index].NameLength);

    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> buffer, int index) => buffer.Slice(_fields[index].ValueStart, _fields[index].ValueLength);

    /// <summary>Takes the next line, without its end.</summary>
    public ParseStatus NextLine(ReadOnlySpan<byte> buffer, out ReadOnlySpan<byte> line)
    {
        line = default;
        var at = buffer[_scanned..].IndexOfAny(LineEnds);
        if (at < 0)
        {
            _scanned = buffer.Length;
            return ParseStatus.Incomplete;
        }
        _scanned += at;
        if (buffer[_scanned] != '\r')
            return ParseStatus.Malformed;
        if (_scanned + 1 == buffer.Length)
            return ParseStatus.Incomplete;
        if (buffer[_scanned + 1] != '\n')
            return ParseStatus.Malformed;
        line = buffer[Position.._scanned];
        _scanned += 2;
        Position = _scanned;
        return ParseStatus.Complete;
    }

    /// <summary>Takes all fields up to the empty line.</summary>
    public ParseStatus Parse(ReadOnlySpan<byte> buffer)
    {
        while (true)
        {
            var start = Position;
            var status = NextLine(buffer, out var line);
            if (status != ParseStatus.Complete || line.IsEmpty)
                return status;
            if (!TryAdd(line, start))
                return ParseStatus.Malformed;
        }
    }

    private bool TryAdd(ReadOnlySpan<byte> line, int start)
    {
        var colon = line.IndexOf((byte)':');
        if (colon < 0 || Count == MostFields)
            return false;
        // RFC 9112 5.1: whitespace before the colon is not passed on. A line that begins with whitespace is a folded one.
        var name = line[..colon].TrimEnd(" \t"u8);
        if (name.IsEmpty || name.ContainsAnyExcept(NameBytes))
            return false;
        var rest = line[(colon + 1)..];
        var value = rest.TrimStart(" \t"u8);
        var valueStart = start + line.Length - value.Length;
        if (Count == _fields.Length)
            Array.Resize(ref _fields, Count * 2);
        _fields[Count++] = new Field(start, name.Length, valueStart, value.TrimEnd(" \t"u8).Length);
        return true;
    }

    private readonly record struct Field(int Start, int NameLength, int ValueStart, int ValueLength);
}
