using System.Globalization;
using System.Text;
using Gateway.Proxy.Clients;
using Gateway.Proxy.Endpoints;
using Microsoft.Extensions.Primitives;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>
/// Writes the head of an upstream request into one array. All that goes into it was validated when the request came, so
/// that no line can begin where none is meant to; and one framing field leaves at most.
/// </summary>
internal struct RequestHead : IFieldWriter
{
    private readonly LeanConnection _upstream;
    private readonly ClientLines _clientLines;
    private byte[] _buffer;
    private int _length;

    private RequestHead(LeanConnection upstream, ClientLines clientLines, byte[] buffer) => (_upstream, _clientLines, _buffer) = (upstream, clientLines, buffer);

    /// <summary>Writes the head for <paramref name="exchange"/> to the beginning of an array of the connection's, which may be replaced by a larger one.</summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="endpoint">Where to.</param>
    /// <param name="upstream">What it goes over.</param>
    /// <param name="buffer">The array.</param>
    /// <returns>How many bytes it takes.</returns>
    public static int Write(Exchange exchange, Endpoint endpoint, LeanConnection upstream, ref byte[] buffer)
    {
        var head = new RequestHead(upstream, exchange.Lean!.ClientLines, buffer);
        head.Append(exchange.Request.Method);
        head.Append(" "u8);
        head.Append(exchange.Target);
        head.Append(" HTTP/1.1\r\n"u8);
        // HTTP/1.0 knows requests without a host.
        if (exchange.Client.Host.Length == 0)
            head.Write("Host", endpoint.Authority);
        UpstreamFields.Write(exchange, ref head);
        if (!exchange.HasBody)
            head.Append(UpstreamFields.MayRepeat(exchange.Request.Method) ? ""u8 : "Content-Length: 0\r\n"u8);
        else if (exchange.Request.Headers.ContentLength is { } length)
            head.AppendLength(length);
        else
            head.Append("Transfer-Encoding: chunked\r\n"u8);
        head.Append("\r\n"u8);
        buffer = head._buffer;
        return head._length;
    }

    /// <inheritdoc/>
    public void Write(string name, StringValues values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            Append(name);
            Append(": "u8);
            Append(values[i] ?? "");
            Append("\r\n"u8);
        }
    }

    /// <inheritdoc/>
    public void Write(string name, RequestId id)
    {
        if (id.Sent is { } sent)
        {
            Write(name, sent);
            return;
        }
        Append(name);
        Append(": "u8);
        id.WriteDigits(Room(RequestId.Digits));
        _length += RequestId.Digits;
        Append("\r\n"u8);
    }

    /// <inheritdoc/>
    public void Write(in ClientIdentity client)
    {
        var lines = _clientLines.Of(client);
        if (!lines.IsEmpty)
        {
            Append(lines);
            return;
        }
        var start = _length;
        UpstreamFields.OfClient(client, ref this);
        _clientLines.Keep(client, _buffer.AsSpan(start.._length));
    }

    private void AppendLength(long length)
    {
        Append("Content-Length: "u8);
        length.TryFormat(Room(20), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
        Append("\r\n"u8);
    }

    private void Append(string text) => _length += Encoding.Latin1.GetBytes(text, Room(text.Length));

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    private Span<byte> Room(int count)
    {
        if (_buffer.Length - _length < count)
        {
            var larger = _upstream.Rent(Math.Max(_buffer.Length * 2, _length + count));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            _upstream.Return(_buffer);
            _buffer = larger;
        }
        return _buffer.AsSpan(_length);
    }
}
