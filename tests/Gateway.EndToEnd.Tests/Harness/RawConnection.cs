using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>One end of a connection: sends exactly the bytes it is told to, and reads HTTP/1.1 as it comes. Nothing waits longer than 20 s.</summary>
internal sealed class RawConnection(Socket socket, Stream stream) : IAsyncDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _start;
    private int _end;

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    /// <summary>Connects to a port on loopback.</summary>
    public static async Task<RawConnection> DialAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, Deadline);
        return new RawConnection(socket, new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>The same over TLS with HTTP/1.1.</summary>
    public static async Task<RawConnection> DialTlsAsync(int port, string serverName)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, Deadline);
        var secure = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = serverName,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            },
            Deadline);
        return new RawConnection(socket, secure);
    }

    /// <summary>Sends Latin-1 text.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(bytes, Deadline);
        await stream.FlushAsync(Deadline);
    }

    /// <summary>Reads a head, up to and with the empty line.</summary>
    public async Task<RawMessage> ReadHeadAsync() => await TryReadHeadAsync() ?? throw new EndOfStreamException("closed before a head");

    /// <summary>Reads a head; null when the connection ends before it begins.</summary>
    public async Task<RawMessage?> TryReadHeadAsync()
    {
        var head = new StringBuilder();
        while (true)
        {
            var line = await ReadLineAsync();
            if (line is null)
                return head.Length == 0 ? null : throw new EndOfStreamException($"closed within a head: {head}");
            if (line.Length == 0 && head.Length > 0)
                return RawMessage.Parse(head.ToString());
            head.Append(line).Append("\r\n");
        }
    }

    /// <summary>Reads a request with its body.</summary>
    public async Task<RawMessage> ReadRequestAsync()
    {
        var head = await ReadHeadAsync();
        return head with { Body = head["Content-Length"] is null && head["Transfer-Encoding"] is null ? "" : await ReadBodyAsync(head) };
    }

    /// <summary>Begins HTTP/2 as a server, and reads up to the end of the first request's HEADERS.</summary>
    public async Task ReadHttp2RequestAsync()
    {
        const int Headers = 1;
        await SendAsync("\0\0\0\u0004\0\0\0\0\0"); // SETTINGS
        await ReadExactlyAsync(24); // the preface
        string frame;
        do
        {
            frame = await ReadExactlyAsync(9);
            await ReadExactlyAsync((frame[0] << 16) + (frame[1] << 8) + frame[2]);
        }
        while (frame[3] != Headers);
    }

    /// <summary>Reads an answer with its body.</summary>
    /// <param name="bodiless">Whether it is the answer to HEAD.</param>
    public async Task<RawMessage> ReadAnswerAsync(bool bodiless = false)
    {
        var head = await ReadHeadAsync();
        while (head.Status is >= 100 and < 200 and not 101)
            head = await ReadHeadAsync();
        return head with { Body = bodiless || head.Status is 101 or 204 or 304 ? "" : await ReadBodyAsync(head) };
    }

    /// <summary>Reads the body that belongs to a head.</summary>
    public async Task<string> ReadBodyAsync(RawMessage head)
    {
        if (head["Transfer-Encoding"] is not null)
        {
            var body = new StringBuilder();
            while (await ReadChunkAsync() is { Length: > 0 } chunk)
                body.Append(chunk);
            return body.ToString();
        }
        return head["Content-Length"] is { } length
            ? await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture))
            : await ReadToEndAsync();
    }

    /// <summary>Reads one chunk; empty: the last one, and the trailers after it.</summary>
    public async Task<string> ReadChunkAsync()
    {
        var size = int.Parse(
            await ReadLineAsync() ?? throw new EndOfStreamException("closed before a chunk"), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var chunk = await ReadExactlyAsync(size);
        while (await ReadLineAsync() is { Length: > 0 })
        {
        }
        return chunk;
    }

    /// <summary>Reads so many bytes.</summary>
    public async Task<string> ReadExactlyAsync(int count)
    {
        var text = new StringBuilder(count);
        while (text.Length < count)
        {
            if (_start == _end && !await FillAsync())
                throw new EndOfStreamException($"closed after {text.Length} of {count} bytes");
            var taken = Math.Min(count - text.Length, _end - _start);
            text.Append(Encoding.Latin1.GetString(_buffer, _start, taken));
            _start += taken;
        }
        return text.ToString();
    }

    /// <summary>Reads to the end of the connection, however it ends.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        do
        {
            text.Append(Encoding.Latin1.GetString(_buffer, _start, _end - _start));
            _start = _end;
        }
        while (await FillAsync());
        return text.ToString();
    }

    /// <summary>Whether the other end closes (or resets) the connection without sending any more.</summary>
    public async Task<bool> ClosesAsync() => _start == _end && !await FillAsync();

    /// <summary>Says that nothing more will be sent.</summary>
    public void CloseWrite() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Neither sends nor reads anything until the test is over.</summary>
    public Task StallAsync() => _disposed.Task;

    /// <summary>Closes with a reset instead of FIN.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public ValueTask DisposeAsync()
    {
        _disposed.TrySetResult();
        return stream.DisposeAsync();
    }

    private async Task<string?> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            var end = Array.IndexOf(_buffer, (byte)'\n', _start, _end - _start);
            var taken = (end < 0 ? _end : end + 1) - _start;
            line.Append(Encoding.Latin1.GetString(_buffer, _start, taken));
            _start += taken;
            if (end >= 0)
                return line.ToString().TrimEnd('\n').TrimEnd('\r');
            if (!await FillAsync())
                return line.Length == 0 ? null : throw new EndOfStreamException($"closed within a line: {line}");
        }
    }

    private async Task<bool> FillAsync()
    {
        try
        {
            _start = 0;
            _end = 0;
            _end = await stream.ReadAsync(_buffer, Deadline);
            return _end > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
