using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Gateway.Proxy.Telemetry;

/// <summary>Writes the parts of a log line into a buffer; what no longer fits is left out, and noted.</summary>
internal ref struct LineWriter(Span<byte> buffer)
{
    /// <summary>What stands for itself: nginx escapes all else in variables of a log format.</summary>
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code).Except(['"', '\\'])]);

    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Whether something did not fit; nothing is written after it.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Writes bytes as they are.</summary>
    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        if (!Overflowed && bytes.TryCopyTo(_buffer[Length..]))
            Length += bytes.Length;
        else
            Overflowed = true;
    }

    /// <summary>Writes one byte.</summary>
    public void Raw(byte value) => Raw([value]);

    /// <summary>Writes Latin-1 text, escaped as nginx does: nothing in it can end a line or a quoted field.</summary>
    public void Text(scoped ReadOnlySpan<char> text)
    {
        while (true)
        {
            var plain = text.IndexOfAnyExcept(Plain);
            if (plain < 0)
                plain = text.Length;
            if (Overflowed || plain > _buffer.Length - Length)
            {
                Overflowed = true;
                return;
            }
            Length += Encoding.Latin1.GetBytes(text[..plain], _buffer[Length..]);
            if (plain == text.Length)
                return;
            Escape(text[plain]);
            text = text[(plain + 1)..];
        }
    }

    /// <summary>The same; a dash for nothing.</summary>
    public void TextOrDash(scoped ReadOnlySpan<char> text) => Text(text.IsEmpty ? "-" : text);

    /// <summary>Writes a whole number.</summary>
    public void Number(long value)
    {
        if (!Overflowed && Utf8Formatter.TryFormat(value, _buffer[Length..], out var written))
            Length += written;
        else
            Overflowed = true;
    }

    /// <summary>Writes seconds with three decimals.</summary>
    public void Seconds(TimeSpan time)
    {
        var milliseconds = (long)time.TotalMilliseconds;
        Number(milliseconds / 1000);
        var rest = (int)(milliseconds % 1000);
        Raw([(byte)'.', (byte)('0' + rest / 100), (byte)('0' + rest / 10 % 10), (byte)('0' + rest % 10)]);
    }

    private void Escape(char character)
    {
        const string Digits = "0123456789ABCDEF";
        // The server reads fields as Latin-1, so there is nothing beyond.
        Raw([(byte)'\\', (byte)'x', (byte)Digits[(character >> 4) & 0xF], (byte)Digits[character & 0xF]]);
    }
}
