using Gateway.Proxy.Endpoints;

namespace Gateway.Proxy.Forwarding;

/// <summary>Moves one request to one endpoint and its answer back. Everything above it (choice of the endpoint, retries, health, counts) is the same for all forwarders.</summary>
internal interface IForwarder
{
    /// <summary>Sends the request of <paramref name="exchange"/> to <paramref name="endpoint"/>; never throws for what either side does.</summary>
    ValueTask<ForwardOutcome> ForwardAsync(Exchange exchange, Endpoint endpoint);
}
