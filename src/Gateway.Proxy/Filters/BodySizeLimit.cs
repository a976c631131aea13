using Gateway.Proxy.Answers;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy.Filters;

/// <summary>413 at once when the declared length is too large; a body of unknown length is cut off by the server once it has grown too large.</summary>
internal sealed class BodySizeLimit(long maxBytes) : RequestFilter
{
    private readonly long? _maxBytes = maxBytes == 0 ? null : maxBytes;

    public override Task? Apply(Exchange exchange)
    {
        if (exchange.Request.Headers.ContentLength > _maxBytes)
            return LocalAnswer.WriteAsync(exchange, AnswerReason.BodyTooLarge);
        if (exchange.HasBody && exchange.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = _maxBytes;
        return null;
    }
}
