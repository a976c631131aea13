using Gateway.Proxy.Answers;

namespace Gateway.Proxy.Filters;

/// <summary>503 to everything: the route lacks a part, say its authentication, without which it must not be served.</summary>
internal sealed class Deny : RequestFilter
{
    public override Task? Apply(Exchange exchange) => LocalAnswer.WriteAsync(exchange, AnswerReason.Denied);
}
