using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>How the end of a body is found (RFC 9112 6.3).</summary>
internal enum BodyFraming
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>By <c>Content-Length</c>.</summary>
    Length,

    /// <summary>By the last chunk.</summary>
    Chunked,

    /// <summary>By the end of the connection.</summary>
    UntilClose,
}

/// <summary>
/// The head of an upstream's answer, parsed where it lies. What two parties could read differently is malformed:
/// a length that is not one plain number, a coding that is not <c>chunked</c> alone, both at once (RFC 9112 6.1, 6.3).
/// </summary>
internal sealed class ResponseHead
{
    /// <summary>RFC 9110 5.5: the server would not write these either.</summary>
    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Where(code => code != '\t').Append(0x7f).Select(code => (byte)code)]);

    private bool _hasStatus;
    private bool _isHttp11;
    private bool _closes;
    private bool _isChunked;
    private int _reasonStart;
    private int _reasonLength;

    public FieldLines Fields { get; } = new();

    public int Status { get; private set; }

    /// <summary>How many bytes it takes, once complete.</summary>
    public int Length => Fields.Position;

    /// <summary>The value of <c>Content-Length</c>; -1: there is none.</summary>
    public long ContentLength { get; private set; }

    /// <summary>Whether <c>Connection</c> names fields that are for the gateway only.</summary>
    public bool NamesFields { get; private set; }

    /// <summary>Whether there is a gRPC status: then the head is likely to be all there is.</summary>
    public bool HasGrpcStatus { get; private set; }

    /// <summary>Whether it is not the final answer (RFC 9110 15.2).</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        Fields.Reset();
        _hasStatus = _closes = _isChunked = NamesFields = HasGrpcStatus = false;
        ContentLength = -1;
    }

    /// <summary>Parses on; <paramref name="buffer"/> begins as it did before.</summary>
    public ParseStatus Parse(ReadOnlySpan<byte> buffer)
    {
        if (!_hasStatus)
        {
            var status = Fields.NextLine(buffer, out var line);
            if (status != ParseStatus.Complete)
                return status;
            if (!TryParseStatus(line))
                return ParseStatus.Malformed;
            _hasStatus = true;
        }
        var parsed = Fields.Parse(buffer);
        return parsed == ParseStatus.Complete && !Interpret(buffer) ? ParseStatus.Malformed : parsed;
    }

    public ReadOnlySpan<byte> Reason(ReadOnlySpan<byte> buffer) => buffer.Slice(_reasonStart, _reasonLength);

    /// <summary>How the body is framed that follows the answer to <paramref name="isHead"/> or another method.</summary>
    public BodyFraming Framing(bool isHead) =>
        isHead || Status is 204 or 304 or 101 || ContentLength == 0 ? BodyFraming.None
        : _isChunked ? BodyFraming.Chunked
        : ContentLength > 0 ? BodyFraming.Length
        : BodyFraming.UntilClose;

    /// <summary>
    /// Whether the connection can be used again, as far as the head is concerned. An answer that has no body and speaks of
    /// one may come from an upstream that sends it nevertheless.
    /// </summary>
    public bool KeepsConnection => _isHttp11 && !_closes && !(Status == 204 && (_isChunked || ContentLength > 0));

    /// <summary>Whether <c>Connection</c> names a field.</summary>
    public bool IsNamed(ReadOnlySpan<byte> buffer, ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Fields.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(Fields.Name(buffer, i), "Connection"u8) && HasOption(Fields.Value(buffer, i), name))
                return true;
        }
        return false;
    }

    private static bool HasOption(ReadOnlySpan<byte> value, ReadOnlySpan<byte> name)
    {
        foreach (var option in value.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(value[option].Trim(" \t"u8), name))
                return true;
        }
        return false;
    }

    /// <summary>RFC 9112 4; the space before a missing reason is often missing too.</summary>
    private bool TryParseStatus(ReadOnlySpan<byte> line)
    {
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || !IsDigit(line[7]) || line[8] != ' '
            || !IsDigit(line[9]) || !IsDigit(line[10]) || !IsDigit(line[11])
            || (line.Length > 12 && line[12] != ' '))
        {
            return false;
        }
        _isHttp11 = line[7] != '0';
        Status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + line[11] - '0';
        (_reasonStart, _reasonLength) = line.Length > 13 ? (13, line.Length - 13) : (0, 0);
        return Status >= 100 && !line.ContainsAny(Controls);

        static bool IsDigit(byte character) => character is >= (byte)'0' and <= (byte)'9';
    }

    private bool Interpret(ReadOnlySpan<byte> buffer)
    {
        for (var i = 0; i < Fields.Count; i++)
        {
            var name = Fields.Name(buffer, i);
            var value = Fields.Value(buffer, i);
            if (value.ContainsAny(Controls))
                return false;
            switch (name.Length)
            {
                case 10 when Ascii.EqualsIgnoreCase(name, "Connection"u8):
                    foreach (var option in value.Split((byte)','))
                        TakeOption(value[option].Trim(" \t"u8));
                    break;
                case 11 when Ascii.EqualsIgnoreCase(name, "grpc-status"u8):
                    HasGrpcStatus = true;
                    break;
                case 14 when Ascii.EqualsIgnoreCase(name, "Content-Length"u8):
                    if (ContentLength >= 0 || !TryParseLength(value, out var length))
                        return false;
                    ContentLength = length;
                    break;
                case 17 when Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8):
                    if (_isChunked || !Ascii.EqualsIgnoreCase(value, "chunked"u8))
                        return false;
                    _isChunked = true;
                    break;
            }
        }
        return !_isChunked || (_isHttp11 && ContentLength < 0);
    }

    private void TakeOption(ReadOnlySpan<byte> option)
    {
        if (Ascii.EqualsIgnoreCase(option, "close"u8))
            _closes = true;
        else if (!option.IsEmpty && !Ascii.EqualsIgnoreCase(option, "keep-alive"u8))
            NamesFields = true;
    }

    private static bool TryParseLength(ReadOnlySpan<byte> value, out long length) =>
        Utf8Parser.TryParse(value, out length, out var used) && used == value.Length && value[0] is not ((byte)'+' or (byte)'-');
}
