using Gateway.Proxy.Answers;

namespace Gateway.Proxy.Filters;

/// <summary>413 at once when the declared length is too large; a body of unknown length is cut off on its way once it has grown too large.</summary>
internal sealed class BodySizeLimit(long maxBytes) : RequestFilter
{
    private readonly long? _maxBytes = maxBytes == 0 ? null : maxBytes;

    public override Task? Apply(Exchange exchange)
    {
        if (exchange.Request.Headers.ContentLength > _maxBytes)
            return LocalAnswer.WriteAsync(exchange, AnswerReason.BodyTooLarge);
        exchange.MaxBodySize = _maxBytes;
        return null;
    }
}
