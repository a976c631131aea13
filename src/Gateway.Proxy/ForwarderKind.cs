namespace Gateway.Proxy;

/// <summary>What moves plain requests to HTTP/1.1 upstreams; all others are YARP's at any rate.</summary>
public enum ForwarderKind
{
    /// <summary>YARP's forwarder over SocketsHttpHandler.</summary>
    Yarp,

    /// <summary>The gateway's own HTTP/1.1 forwarder.</summary>
    Lean,
}
