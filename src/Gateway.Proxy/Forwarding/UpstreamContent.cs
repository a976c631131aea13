using System.Net;
using Gateway.Proxy.Telemetry;

namespace Gateway.Proxy.Forwarding;

/// <summary>No content, but possibly fields that describe it.</summary>
internal sealed class EmptyContent : HttpContent
{
    private volatile bool _isSent;

    /// <summary>Whether the request is on its way: this comes right after its head.</summary>
    public bool IsSent => _isSent;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        _isSent = true;
        return Task.CompletedTask;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return true;
    }
}

/// <summary>A request body that is sent on as it comes: SocketsHttpHandler by itself holds parts back until they fill a buffer.</summary>
internal sealed class StreamedContent(HttpContent body) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        body.CopyToAsync(new FlushedStream(stream), context, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private sealed class FlushedStream(Stream inner) : DelegatingStream(inner)
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Inner.WriteAsync(buffer, cancellationToken);
            await Inner.FlushAsync(cancellationToken);
        }
    }
}

/// <summary>An answer, counted and watched for standstill: between two reads of it the client takes what there was.</summary>
internal sealed class WatchedContent(HttpContent answer, Standstill standstill, ExchangeRecord record) : HttpContent
{
    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new WatchedStream(await answer.ReadAsStreamAsync(cancellationToken), standstill, record);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => answer.CopyToAsync(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            answer.Dispose();
        base.Dispose(disposing);
    }

    private sealed class WatchedStream(Stream inner, Standstill standstill, ExchangeRecord record) : DelegatingStream(inner)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            standstill.AwaitMore();
            var count = await Inner.ReadAsync(buffer, cancellationToken);
            if (count > 0)
            {
                record.Pass(count);
                standstill.AwaitTaker();
            }
            return count;
        }
    }
}
