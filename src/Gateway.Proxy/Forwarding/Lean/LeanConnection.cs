using Gateway.Proxy.Listeners.Epoll;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>
/// An HTTP/1.1 connection to an upstream, and what was received over it and not used yet. While there is nothing of that, it holds
/// no buffer where it lives in an event loop.
/// </summary>
/// <param name="socket">What it goes over.</param>
/// <param name="isTls">Whether with TLS.</param>
/// <param name="kept">How long it may be kept, by the settings that it was opened with.</param>
/// <param name="opened">When it was opened, in <see cref="TimeProvider.GetTimestamp"/>'s unit.</param>
internal sealed class LeanConnection(IUpstreamSocket socket, bool isTls, KeptConnections kept, long opened) : IReceiveRoom, IDisposable
{
    public const int BufferSize = BufferPool.BufferSize;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private ValueTask<int> _receiving;
    private bool _isReceiving;

    public bool IsTls { get; } = isTls;

    public KeptConnections Kept { get; } = kept;

    public long Opened { get; } = opened;

    /// <summary>Since when it is idle.</summary>
    public long IdleSince { get; private set; }

    /// <summary>How many exchanges were begun.</summary>
    public int Exchanges { get; private set; }

    /// <summary>What was received and not consumed.</summary>
    public ReadOnlySpan<byte> Buffered => _buffer.AsSpan(_start, _end - _start);

    public bool IsSilent => socket.IsSilent;

    /// <summary>Whether it may still be used.</summary>
    public bool IsFresh(KeptConnections kept, TimeProvider time, long now) =>
        Kept == kept && time.GetElapsedTime(IdleSince, now) < kept.Idle && time.GetElapsedTime(Opened, now) < kept.Life;

    /// <summary>
    /// Begins an exchange. A connection that was kept is asked for bytes before anything is sent: there must be none.
    /// What comes then was sent after the request.
    /// </summary>
    /// <returns>False: the upstream has closed it, or has sent what nobody asked for.</returns>
    public bool Begin()
    {
        if (Exchanges++ == 0)
            return true;
        try
        {
#pragma warning disable CA2012 // It is awaited once: by the one who fills the buffer.
            _receiving = socket.ReceiveAsync(this);
#pragma warning restore CA2012
            _isReceiving = !_receiving.IsCompleted;
            return _isReceiving;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Ends an exchange; nothing may be pending or buffered.</summary>
    public void Rest(long now)
    {
        ReturnBuffer();
        IdleSince = now;
    }

    /// <summary>Takes note that the first <paramref name="count"/> bytes of <see cref="Buffered"/> were used.</summary>
    public void Consume(int count)
    {
        _start += count;
        if (_start == _end)
            ReturnBuffer();
    }

    /// <inheritdoc/>
    Memory<byte> IReceiveRoom.Room
    {
        get
        {
            MakeRoom();
            return _buffer.AsMemory(_end);
        }
    }

    /// <summary>Receives more; the result is to be passed to <see cref="Filled"/>.</summary>
    public ValueTask<int> FillAsync()
    {
        if (_isReceiving)
        {
            _isReceiving = false;
            return _receiving;
        }
        return socket.ReceiveAsync(this);
    }

    /// <summary>Takes note of what <see cref="FillAsync"/> has received.</summary>
    public void Filled(int count) => _end += count;

    /// <summary>Receives past the buffer, which must be empty.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer);

    /// <summary>Lends a buffer to write into.</summary>
    public byte[] Rent(int least) => socket.Rent(least);

    /// <summary>Takes it back.</summary>
    public void Return(byte[] buffer) => socket.Return(buffer);

    /// <summary>Sends all of <paramref name="bytes"/>.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => socket.SendAsync(bytes);

    /// <summary>Breaks it off; may be called by any thread.</summary>
    public void Abort() => socket.Abort();

    /// <inheritdoc/>
    public void Dispose()
    {
        socket.Dispose();
        // A receive that nobody waited for may still write to the buffer: it is left to the collector then.
        if (!_isReceiving)
            ReturnBuffer();
    }

    private void MakeRoom()
    {
        if (_buffer is null)
        {
            _buffer = socket.Rent(BufferSize);
        }
        else if (_end == _buffer.Length)
        {
            var to = _start > 0 ? _buffer : socket.Rent(_buffer.Length * 2);
            Buffered.CopyTo(to);
            if (to != _buffer)
                socket.Return(_buffer);
            (_buffer, _start, _end) = (to, 0, _end - _start);
        }
    }

    private void ReturnBuffer()
    {
        if (_buffer is not null)
            socket.Return(_buffer);
        _buffer = null;
        _start = _end = 0;
    }
}
