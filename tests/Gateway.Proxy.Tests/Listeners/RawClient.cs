using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Proxy.Tests.Listeners;

internal interface IRawClient : IDisposable
{
    /// <summary>Reads until the server has closed the connection.</summary>
    Task ReadToEndAsync();
}

/// <summary>An HTTP/1.1 client that sends exactly the bytes it is told to, and reads one answer at a time.</summary>
internal sealed class RawClient : IRawClient
{
    private readonly Socket _socket;
    private readonly Stream _stream;

    private RawClient(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    public static async Task<RawClient> ConnectAsync(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, Deadline);
        return new RawClient(socket, new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>The same over TLS.</summary>
    public static async Task<RawClient> ConnectTlsAsync(IPEndPoint server, string serverName)
    {
        var plain = await ConnectAsync(server);
        var tls = new SslStream(plain._stream);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = serverName,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            },
            Deadline);
        return new RawClient(plain._socket, tls);
    }

    /// <summary>Sends Latin-1 text.</summary>
    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), Deadline);

    /// <summary>Closes with a reset instead of FIN.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Reads an answer with a Content-Length; null when the connection closes (or is reset) before it begins.</summary>
    public async Task<RawAnswer?> ReadAnswerAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await ReadByteAsync() is not { } next)
                return head.Length == 0 ? null : throw new IOException($"Closed within an answer: {head}");
            head.Append(next);
        }

        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var length = lines.FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?.Split(':')[1] ?? "0";
        var body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(body, Deadline);
        return new RawAnswer(
            int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), head.ToString(), Encoding.Latin1.GetString(body));
    }

    public async Task ReadToEndAsync()
    {
        try
        {
            await _stream.CopyToAsync(Stream.Null, Deadline);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Reset, or disposed of already.
        }
    }

    /// <summary>Whether the server closes the connection without sending any more.</summary>
    public async Task<bool> ClosesAsync() => await ReadByteAsync() is null;

    private async Task<char?> ReadByteAsync()
    {
        var one = new byte[1];
        try
        {
            return await _stream.ReadAsync(one, Deadline) == 0 ? null : (char)one[0];
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <param name="Status">The status code.</param>
/// <param name="Head">The head as received.</param>
/// <param name="Body">The body as Latin-1.</param>
internal sealed record RawAnswer(int Status, string Head, string Body);
