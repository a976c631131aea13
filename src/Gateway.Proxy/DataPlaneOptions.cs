using Gateway.Proxy.Listeners;

namespace Gateway.Proxy;

/// <summary>What a data plane is made with; it does not change while it lives.</summary>
/// <param name="AllowLocalAddresses">Whether endpoints may be on this machine or its link; not in a cluster.</param>
public sealed record DataPlaneOptions(bool AllowLocalAddresses)
{
    /// <summary>What connections of clients come by.</summary>
    public Transport Transport { get; init; } = Transport.Sockets;

    /// <summary>What moves plain requests to HTTP/1.1 upstreams.</summary>
    public ForwarderKind Forwarder { get; init; } = ForwarderKind.Yarp;

    /// <summary>Takes the access log while no file is named for it; null: nobody does.</summary>
    public Stream? AccessLog { get; init; }
}
