using System.Text;

namespace Gateway.Proxy.Tests.Telemetry;

/// <summary>Takes a log, at once or once it is told to.</summary>
internal sealed class LogSink : Stream
{
    private readonly MemoryStream _taken = new();
    private readonly ManualResetEventSlim _open = new(true);

    public string[] Lines
    {
        get
        {
            lock (_taken)
                return Encoding.Latin1.GetString(_taken.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>From now on writers wait.</summary>
    public void Block() => _open.Reset();

    /// <summary>They wait no longer.</summary>
    public void Unblock() => _open.Set();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _open.Wait();
        lock (_taken)
            _taken.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _open.Set();
        base.Dispose(disposing);
    }
}
