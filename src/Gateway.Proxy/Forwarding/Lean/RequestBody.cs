using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Endpoint = Gateway.Proxy.Endpoints.Endpoint;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>
/// Sends the head and the body of one request, as it comes from the client, while the answer is awaited. An upstream that
/// takes no more may have answered: that is for the one who reads to find out.
/// </summary>
internal sealed class RequestBody(Exchange exchange, Endpoint endpoint, LeanConnection upstream, Standstill standstill) : IDisposable
{
    private const int LeastPiece = LeanConnection.BufferSize / 2;
    private const int LineEnd = 2;
    private const int LongestSizeLine = 8 + LineEnd;

    private readonly CancellationTokenSource _givenUp = new();
    private readonly BodyWatch _body = new(exchange.Request.Body, exchange.MaxBodySize, exchange.State.Settings.ClientBodyTimeout, standstill, exchange.Record);
    private readonly bool _isChunked = exchange.Request.Headers.ContentLength is null;

    private volatile bool _isRefused;

    /// <summary>What is wrong with the body or the client; <see cref="ForwardError.None"/>: nothing.</summary>
    public ForwardError Error { get; private set; }

    /// <summary>The failure behind it.</summary>
    public Exception? Cause { get; private set; }

    /// <summary>Whether all was sent.</summary>
    public bool IsSent { get; private set; }

    public bool IsTouched => _body.Touched;

    /// <summary>Stops, if it has not.</summary>
    public void GiveUp() => _givenUp.Cancel();

    /// <summary>Sends it. A failure of the client's breaks the connection to the upstream off; nothing is thrown.</summary>
    public async Task SendAsync()
    {
        var buffer = upstream.Rent(LeanConnection.BufferSize);
        try
        {
            var head = RequestHead.Write(exchange, endpoint, upstream, ref buffer);
            if (buffer.Length - head < LeastPiece)
            {
                await SendAsync(buffer.AsMemory(0, head));
                head = 0;
            }
            int count;
            do
            {
                var at = head + (_isChunked ? LongestSizeLine : 0);
                var reading = _body.ReadAsync(buffer.AsMemory(at, buffer.Length - at - LineEnd), _givenUp.Token);
                if (!reading.IsCompleted && head > 0)
                {
                    // The upstream need not wait for what the client has not sent yet.
                    await SendAsync(buffer.AsMemory(0, head));
                    head = 0;
                }
                count = await reading;
                var (start, end) = _isChunked ? Chunk(buffer, head, at, count) : (at - head, at + count);
                await SendAsync(buffer.AsMemory(start..end));
                head = 0;
            }
            while (count > 0 && !_isRefused);
            IsSent = !_isRefused;
        }
        catch (BadHttpRequestException e)
        {
            Fail(e.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => ForwardError.BodyTooLarge,
                StatusCodes.Status408RequestTimeout => ForwardError.ClientTimeout,
                _ => ForwardError.BadRequestBody,
            }, e);
        }
        catch (OperationCanceledException) when (_givenUp.IsCancellationRequested)
        {
            // Nobody waits for the rest.
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Fail(ForwardError.ClientGone, e);
        }
        finally
        {
            upstream.Return(buffer);
        }
        if (_isRefused)
            standstill.AwaitAnswer();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _body.Dispose();
        _givenUp.Dispose();
    }

    /// <summary>
    /// Makes a chunk (RFC 9112 7.1) of what was read to <paramref name="at"/>, the last one if that is nothing, with no gap
    /// between it and the head.
    /// </summary>
    private static (int Start, int End) Chunk(byte[] buffer, int head, int at, int count)
    {
        Span<byte> line = stackalloc byte[LongestSizeLine];
        count.TryFormat(line, out var length, "x", CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(line[length..]);
        length += LineEnd;
        line[..length].CopyTo(buffer.AsSpan(at - length));
        "\r\n"u8.CopyTo(buffer.AsSpan(at + count));
        var start = at - length - head;
        buffer.AsSpan(0, head).CopyTo(buffer.AsSpan(start));
        return (start, at + count + LineEnd);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_isRefused || bytes.IsEmpty)
            return;
        try
        {
            await upstream.SendAsync(bytes);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            _isRefused = true;
        }
    }

    private void Fail(ForwardError error, Exception cause)
    {
        (Error, Cause) = (error, cause);
        upstream.Abort();
    }
}
