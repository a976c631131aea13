using Gateway.Configuration.Model;
using Gateway.Proxy.Endpoints;
using Gateway.Proxy.Forwarding.Lean;

namespace Gateway.Proxy.Forwarding;

/// <summary>Sends each request through the forwarder that is made for it: plain ones to HTTP/1.1 upstreams through the lean one, the others through YARP's.</summary>
internal sealed class ChosenForwarder(YarpForwarder yarp, LeanForwarder lean) : IForwarder
{
    /// <inheritdoc/>
    public ValueTask<ForwardOutcome> ForwardAsync(Exchange exchange, Endpoint endpoint) =>
        exchange.Protocol is BackendProtocol.Http or BackendProtocol.Https && !exchange.IsUpgrade
            ? lean.ForwardAsync(exchange, endpoint)
            : yarp.ForwardAsync(exchange, endpoint);
}
