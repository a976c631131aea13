using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Gateway.Proxy.Tests.Listeners;

namespace Gateway.Proxy.Tests.Http2;

/// <summary>
/// An HTTP/2 client that sends the frames and fields it is told to, valid or not. Reading acknowledges SETTINGS and
/// PING and opens windows, so that a test sees only what it asks about.
/// </summary>
internal sealed class RawHttp2Client : IRawClient
{
    public const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private readonly Stream _stream;
    private readonly Dictionary<int, Answer> _answers = [];
    private int _lastStream = -1;

    private RawHttp2Client(Stream stream) => _stream = stream;

    /// <summary>The error code of the last GOAWAY, null before any.</summary>
    public uint? GoAway { get; private set; }

    /// <summary>The server's SETTINGS by identifier.</summary>
    public Dictionary<int, uint> ServerSettings { get; } = [];

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    /// <summary>Connects in clear and sends preface and SETTINGS.</summary>
    public static async Task<RawHttp2Client> ConnectAsync(IPEndPoint server) => await BeginAsync(await OpenAsync(server));

    /// <summary>The same over TLS, with h2 by ALPN.</summary>
    public static async Task<RawHttp2Client> ConnectTlsAsync(IPEndPoint server, string serverName)
    {
        var tls = new SslStream(await OpenAsync(server));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = serverName,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            },
            Deadline);
        return await BeginAsync(tls);
    }

    /// <summary>The usual fields of a GET.</summary>
    public static (string Name, string Value)[] Get(string authority, string path = "/", string scheme = "http") =>
        [(":method", "GET"), (":scheme", scheme), (":path", path), (":authority", authority)];

    /// <summary>Sends a request without body on the next stream and reads its answer.</summary>
    public async Task<Answer> RequestAsync(params (string Name, string Value)[] fields) =>
        await ReadAnswerAsync(await SendHeadersAsync(fields, endStream: true));

    /// <summary>Sends HEADERS on the next stream, in as many CONTINUATIONs as <paramref name="fragments"/> says, and returns the stream.</summary>
    public async Task<int> SendHeadersAsync(IEnumerable<(string Name, string Value)> fields, bool endStream, int fragments = 1)
    {
        _lastStream += 2;
        await SendBlockAsync(_lastStream, Hpack.Encode(fields), endStream, fragments);
        return _lastStream;
    }

    /// <summary>Sends DATA.</summary>
    public Task SendDataAsync(int stream, byte[] data, bool endStream) => SendFrameAsync(FrameType.Data, endStream ? 1 : 0, stream, data);

    /// <summary>Sends RST_STREAM with CANCEL.</summary>
    public Task ResetAsync(int stream) => SendFrameAsync(FrameType.RstStream, 0, stream, [0, 0, 0, 8]);

    /// <summary>Sends any frame.</summary>
    public async Task SendFrameAsync(FrameType type, int flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = (byte)type;
        frame[4] = (byte)flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        await _stream.WriteAsync(frame, Deadline);
    }

    /// <summary>Reads until the answer is complete, or its stream or the connection has ended.</summary>
    public async Task<Answer> ReadAnswerAsync(int stream)
    {
        var answer = AnswerOf(stream);
        while (!answer.IsComplete && answer.Reset is null && await ReadFrameAsync())
        {
        }
        return answer;
    }

    /// <summary>Reads until GOAWAY; null when the connection ends without.</summary>
    public async Task<uint?> ReadGoAwayAsync()
    {
        while (GoAway is null && await ReadFrameAsync())
        {
        }
        return GoAway;
    }

    /// <summary>Ends this side of a connection without TLS.</summary>
    public void EndSending()
    {
        try
        {
            ((NetworkStream)_stream).Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.NotConnected)
        {
            // The server was first.
        }
    }

    /// <summary>Reads until the server closes the connection.</summary>
    public async Task ReadToEndAsync()
    {
        while (await ReadFrameAsync())
        {
        }
    }

    public void Dispose() => _stream.Dispose();

    private static async Task<Stream> OpenAsync(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, Deadline);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task<RawHttp2Client> BeginAsync(Stream stream)
    {
        var client = new RawHttp2Client(stream);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Preface), Deadline);
        // HEADER_TABLE_SIZE 0: answers then come without the dynamic table.
        await client.SendFrameAsync(FrameType.Settings, 0, 0, [0, 1, 0, 0, 0, 0]);
        return client;
    }

    private async Task SendBlockAsync(int stream, byte[] block, bool endStream, int fragments)
    {
        var size = (block.Length + fragments - 1) / fragments;
        for (var i = 0; i < fragments; i++)
        {
            var flags = (i == 0 && endStream ? 1 : 0) | (i == fragments - 1 ? 4 : 0);
            var fragment = block.AsSpan(Math.Min(i * size, block.Length));
            var payload = fragment[..Math.Min(size, fragment.Length)].ToArray();
            try
            {
                await SendFrameAsync(i == 0 ? FrameType.Headers : FrameType.Continuation, flags, stream, payload);
            }
            catch (IOException) when (i > 0)
            {
                // The server need not hear a block out to refuse it; its answer can still be read.
                return;
            }
        }
    }

    private Answer AnswerOf(int stream) => _answers.TryGetValue(stream, out var answer) ? answer : _answers[stream] = new Answer();

    /// <summary>Takes one frame; false when the connection has ended.</summary>
    private async Task<bool> ReadFrameAsync()
    {
        var head = new byte[9];
        byte[] payload;
        try
        {
            if (await _stream.ReadAtLeastAsync(head, 9, throwOnEndOfStream: false, Deadline) < 9)
                return false;
            payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
            await _stream.ReadExactlyAsync(payload, Deadline);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return false;
        }
        await TakeAsync((FrameType)head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
        return true;
    }

    private async Task TakeAsync(FrameType type, int flags, int stream, byte[] payload)
    {
        switch (type)
        {
            case FrameType.Settings when (flags & 1) == 0:
                for (var at = 0; at < payload.Length; at += 6)
                    ServerSettings[BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(at))] = BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(at + 2));
                await ReplyAsync(FrameType.Settings, 1, 0, []);
                break;
            case FrameType.Ping when (flags & 1) == 0:
                await ReplyAsync(FrameType.Ping, 1, 0, payload);
                break;
            case FrameType.GoAway:
                GoAway = BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4));
                break;
            case FrameType.RstStream:
                AnswerOf(stream).Reset = BinaryPrimitives.ReadUInt32BigEndian(payload);
                break;
            case FrameType.Headers or FrameType.Continuation:
                AnswerOf(stream).TakeBlock(payload, isLast: (flags & 4) != 0, endsStream: type == FrameType.Headers && (flags & 1) != 0);
                break;
            case FrameType.Data:
                AnswerOf(stream).TakeData(payload, endsStream: (flags & 1) != 0);
                if (payload.Length > 0)
                {
                    var increment = new byte[4];
                    BinaryPrimitives.WriteInt32BigEndian(increment, payload.Length);
                    await ReplyAsync(FrameType.WindowUpdate, 0, 0, increment);
                    await ReplyAsync(FrameType.WindowUpdate, 0, stream, increment);
                }
                break;
        }
    }

    /// <summary>The server may have closed the connection after what is being read.</summary>
    private async Task ReplyAsync(FrameType type, int flags, int stream, byte[] payload)
    {
        try
        {
            await SendFrameAsync(type, flags, stream, payload);
        }
        catch (IOException)
        {
            // What it has sent can still be read.
        }
    }

    /// <summary>RFC 9113 6.</summary>
    public enum FrameType : byte
    {
        Data = 0,
        Headers = 1,
        RstStream = 3,
        Settings = 4,
        Ping = 6,
        GoAway = 7,
        WindowUpdate = 8,
        Continuation = 9,
    }

    /// <summary>What has come back on a stream.</summary>
    public sealed class Answer
    {
        private readonly List<byte> _block = [];
        private readonly List<byte> _body = [];
        private bool _ends;

        /// <summary>The final status; null before HEADERS.</summary>
        public int? Status { get; private set; }

        public List<(string Name, string Value)> Headers { get; private set; } = [];

        public List<(string Name, string Value)> Trailers { get; private set; } = [];

        public string Body => Encoding.Latin1.GetString([.. _body]);

        /// <summary>The error code of RST_STREAM.</summary>
        public uint? Reset { get; set; }

        public bool IsComplete { get; private set; }

        /// <summary>Whether the head ended the stream, so that there is neither body nor trailers.</summary>
        public bool IsHeadAlone { get; private set; }

        public void TakeBlock(byte[] fragment, bool isLast, bool endsStream)
        {
            _block.AddRange(fragment);
            _ends |= endsStream;
            if (!isLast)
                return;
            var fields = Hpack.Decode(_block.ToArray());
            _block.Clear();
            if (fields.FirstOrDefault(field => field.Name == ":status").Value is { } status)
                (Status, Headers, IsHeadAlone) = (int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), fields, _ends);
            else
                Trailers = fields;
            IsComplete = _ends;
        }

        public void TakeData(byte[] data, bool endsStream)
        {
            _body.AddRange(data);
            IsComplete = endsStream;
        }
    }
}
