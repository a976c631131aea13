using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Proxy.Listeners;

/// <summary>
/// Tells HTTP/2 with prior knowledge from HTTP/1.1 on a port without TLS, by the preface that an HTTP/2 client
/// sends first (RFC 9113 3.4). Nothing is consumed: the chosen protocol reads from the first byte.
/// </summary>
internal sealed class ProtocolSniffer(ConnectionDelegate http1, ConnectionDelegate http2, Func<TimeSpan> timeout, TimeProvider time)
{
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>What the bytes received so far say.</summary>
    public enum Verdict
    {
        Undecided,
        Http1,
        Http2,
    }

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        switch (await SniffAsync(connection))
        {
            case Verdict.Http1:
                await http1(connection);
                break;
            case Verdict.Http2:
                await http2(connection);
                break;
        }
    }

    /// <summary>Whether <paramref name="received"/> is the preface, a part of it, or neither.</summary>
    public static Verdict Judge(in ReadOnlySequence<byte> received)
    {
        var rest = Preface;
        foreach (var segment in received)
        {
            var length = Math.Min(segment.Length, rest.Length);
            if (!segment.Span[..length].SequenceEqual(rest[..length]))
                return Verdict.Http1;
            rest = rest[length..];
            if (rest.IsEmpty)
                return Verdict.Http2;
        }
        return Verdict.Undecided;
    }

    /// <summary>Undecided: the client went away, or took too long, or the gateway is closing.</summary>
    private async ValueTask<Verdict> SniffAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()!.ConnectionClosedRequested;
        await using var timer = time.CreateTimer(Cancel, input, timeout(), Timeout.InfiniteTimeSpan);
        await using var registration = closing.UnsafeRegister(Cancel, input);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                var verdict = Judge(result.Buffer);
                // Not examined when decided, or the next reader would wait for more.
                input.AdvanceTo(result.Buffer.Start, verdict == Verdict.Undecided ? result.Buffer.End : result.Buffer.Start);
                if (verdict != Verdict.Undecided || result.IsCompleted || result.IsCanceled)
                    return verdict;
            }
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            return Verdict.Undecided;
        }
    }

    private static void Cancel(object? input) => ((PipeReader)input!).CancelPendingRead();
}
