using Gateway.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Forwarding;

/// <summary>
/// The request body on its way to the upstream, counted, and watched for its size and for standstill. The time between
/// two reads of it is the time that the upstream takes.
/// </summary>
internal sealed class BodyWatch(Stream body, long? maxBytes, TimeSpan clientTimeout, Standstill standstill, ExchangeRecord record)
    : DelegatingStream(body, leaveOpen: true)
{
    /// <summary>Whether anything was read.</summary>
    public bool Touched { get; private set; }

    /// <summary>Whether all of it was read.</summary>
    public bool Ended { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="BadHttpRequestException">It is longer than allowed, or malformed.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Touched = true;
        standstill.AwaitBody(clientTimeout);
        int count;
        try
        {
            count = await Inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is OverflowException || e.InnerException is OverflowException)
        {
            // The server's word for a chunk size that no number holds.
            throw new BadHttpRequestException("The size of a chunk is out of range.", StatusCodes.Status400BadRequest, e);
        }
        catch (InvalidOperationException e)
        {
            // And for a trailer that cannot be decoded.
            throw new BadHttpRequestException("A trailer has a character that fields must not have.", StatusCodes.Status400BadRequest, e);
        }
        record.RequestBody += count;
        if (record.RequestBody > maxBytes)
            throw new BadHttpRequestException("The request body is too large.", StatusCodes.Status413PayloadTooLarge);
        // A read of nothing into nothing waits for data; it is not the end.
        Ended = count == 0 && buffer.Length > 0;
        if (Ended)
            standstill.AwaitAnswer();
        else
            standstill.AwaitUpstream();
        return count;
    }
}
