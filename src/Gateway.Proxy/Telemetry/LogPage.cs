namespace Gateway.Proxy.Telemetry;

/// <summary>A buffer of log lines. One thread at a time holds it.</summary>
internal sealed class LogPage
{
    /// <summary>Bytes of a page; a line longer than that is cut off.</summary>
    public const int Size = 64 * 1024;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Size);
    private int _length;

    /// <summary>The lines.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>How many lines there are.</summary>
    public int Lines { get; private set; }

    /// <summary>Adds the line of <paramref name="exchange"/>; false when there is no room left for it.</summary>
    public bool TryAppend(Exchange exchange, LogClock clock)
    {
        var line = new LineWriter(_bytes.AsSpan(_length));
        AccessLogLine.Write(ref line, exchange, clock.Now);
        if (line.Overflowed)
        {
            if (_length > 0)
                return false;
            _bytes[line.Length < Size ? line.Length : Size - 1] = (byte)'\n';
        }
        _length += Math.Min(line.Overflowed ? line.Length + 1 : line.Length, Size);
        Lines++;
        return true;
    }

    /// <summary>Forgets the lines.</summary>
    public void Clear() => (_length, Lines) = (0, 0);
}
