using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Gateway.Proxy.Telemetry;

using Gateway.Proxy.Threading;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>Moves the body of an answer from the upstream to the client, as it comes.</summary>
internal readonly struct AnswerBody(LeanConnection upstream, PipeWriter client, Standstill standstill, ExchangeRecord record)
{
    /// <summary>What is received at once, where so much may come.</summary>
    private const int PieceSize = 32 * 1024;

    /// <summary>Moves so many bytes.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    public async ValueTask PassAsync(long length)
    {
        length -= PassBuffered(length);
        // What all came at once leaves when the server ends the answer; after a flush, it would forget the rest.
        if (length == 0)
            return;
        await FlushAsync();
        while (length > 0)
        {
            var count = await ReceiveAsync(length);
            if (count == 0)
                throw new BrokenAnswerException("closed within the answer");
            length -= count;
            await FlushAsync();
        }
    }

    /// <summary>Moves all that comes until the upstream closes.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    public async ValueTask PassToEndAsync()
    {
        PassBuffered(long.MaxValue);
        do
            await FlushAsync();
        while (await ReceiveAsync(PieceSize) > 0);
    }

    /// <summary>Moves the content of chunks; what is buffered then are the trailers, or their beginning.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    public async ValueTask PassChunksAsync()
    {
        var chunks = new ChunkedReader();
        while (true)
        {
            switch (PassChunk(ref chunks))
            {
                case ParseStatus.Complete:
                    return;
                case ParseStatus.Malformed:
                    throw new BrokenAnswerException("a chunk is malformed");
            }
            if (upstream.Buffered.Length > 0)
                continue;
            await FlushAsync();
            int count;
            if (chunks.Remaining >= PieceSize)
            {
                count = await ReceiveAsync(chunks.Remaining);
                chunks.Skip(count);
            }
            else
            {
                count = await FillAsync();
            }
            if (count == 0)
                throw new BrokenAnswerException("closed within the answer");
        }
    }

    /// <summary>Waits until <paramref name="trailers"/> are complete in what is buffered.</summary>
    /// <param name="trailers">Takes them.</param>
    /// <param name="longest">Most bytes of them.</param>
    /// <param name="hasBegun">Whether the client has a part of the answer, the rest of which must not wait for them.</param>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    public async ValueTask ReadTrailersAsync(FieldLines trailers, int longest, bool hasBegun)
    {
        trailers.Reset();
        while (true)
        {
            switch (trailers.Parse(upstream.Buffered))
            {
                case ParseStatus.Complete:
                    return;
                case ParseStatus.Incomplete when upstream.Buffered.Length < longest:
                    if (hasBegun)
                        await FlushAsync();
                    if (await FillAsync() == 0)
                        throw new BrokenAnswerException("closed within the answer");
                    break;
                default:
                    throw new BrokenAnswerException("the trailers are malformed or too long");
            }
        }
    }

    private int PassBuffered(long most)
    {
        var buffered = upstream.Buffered;
        if (buffered.Length > most)
            buffered = buffered[..(int)most];
        client.Write(buffered);
        upstream.Consume(buffered.Length);
        record.Pass(buffered.Length);
        return buffered.Length;
    }

    private ParseStatus PassChunk(ref ChunkedReader chunks)
    {
        var status = chunks.Read(upstream.Buffered, out var consumed, out var data);
        client.Write(data);
        upstream.Consume(consumed);
        record.Pass(data.Length);
        return status;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(long most)
    {
        standstill.AwaitMore();
        var memory = client.GetMemory((int)Math.Min(most, PieceSize));
        if (memory.Length > most)
            memory = memory[..(int)most];
        var count = await upstream.ReceiveAsync(memory);
        standstill.AwaitTaker();
        client.Advance(count);
        record.Pass(count);
        return count;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> FillAsync()
    {
        standstill.AwaitMore();
        var count = await upstream.FillAsync();
        standstill.AwaitTaker();
        upstream.Filled(count);
        return count;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask FlushAsync()
    {
        var result = await client.FlushAsync();
        if (result.IsCompleted || result.IsCanceled)
            throw new OperationCanceledException("the client takes no more");
    }
}
