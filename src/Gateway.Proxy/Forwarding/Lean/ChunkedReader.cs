namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>
/// Undoes the chunked coding (RFC 9112 7.1) up to the line of the last chunk; the trailers after it are fields like others.
/// Extensions are dropped.
/// </summary>
internal struct ChunkedReader
{
    /// <summary>Longest extensions of a chunk: they are read by nobody.</summary>
    private const int LongestExtensions = 4096;

    private State _state;
    private int _digits;
    private int _extensions;

    private enum State
    {
        Size,
        Padding,
        Extensions,
        SizeEnd,
        Data,
        DataEnd,
        DataEndLine,
        Last,
    }

    /// <summary>How much of the current chunk is to come.</summary>
    public long Remaining { get; private set; }

    /// <summary>
    /// Reads on, up to a piece of the body, the end of <paramref name="input"/>, or the line of the last chunk, after which it is complete.
    /// </summary>
    /// <param name="input">What was received.</param>
    /// <param name="consumed">How much of it was read, with <paramref name="data"/>.</param>
    /// <param name="data">A piece of the body.</param>
    public ParseStatus Read(ReadOnlySpan<byte> input, out int consumed, out ReadOnlySpan<byte> data)
    {
        data = default;
        for (consumed = 0; consumed < input.Length;)
        {
            if (_state == State.Data)
            {
                data = input[consumed..];
                if (data.Length > Remaining)
                    data = data[..(int)Remaining];
                consumed += data.Length;
                Skip(data.Length);
                return ParseStatus.Incomplete;
            }
            if (!Take(input[consumed++]))
                return ParseStatus.Malformed;
            if (_state == State.Last)
                return ParseStatus.Complete;
        }
        return ParseStatus.Incomplete;
    }

    /// <summary>Takes note that bytes of the current chunk were received past it.</summary>
    public void Skip(int count)
    {
        Remaining -= count;
        if (Remaining == 0)
            _state = State.DataEnd;
    }

    private bool Take(byte next)
    {
        switch (_state)
        {
            case State.Size when DigitOf(next) is >= 0 and var digit:
                Remaining = (Remaining << 4) | (uint)digit;
                // No body is that long; and none wraps around.
                return ++_digits <= 15;
            case State.Size or State.Padding or State.Extensions when next == '\r' && _digits > 0:
                _state = State.SizeEnd;
                return true;
            // Some upstreams pad the size.
            case State.Size or State.Padding when next is (byte)' ' or (byte)'\t' && _digits > 0:
                _state = State.Padding;
                return ++_extensions <= LongestExtensions;
            case State.Size or State.Padding when next == ';' && _digits > 0:
                _state = State.Extensions;
                return true;
            case State.Extensions:
                return (next >= ' ' || next == '\t') && next != 0x7f && ++_extensions <= LongestExtensions;
            case State.SizeEnd when next == '\n':
                _state = Remaining == 0 ? State.Last : State.Data;
                return true;
            case State.DataEnd when next == '\r':
                _state = State.DataEndLine;
                return true;
            case State.DataEndLine when next == '\n':
                _state = State.Size;
                _digits = _extensions = 0;
                return true;
            default:
                return false;
        }
    }

    private static int DigitOf(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => -1,
    };
}
