namespace Gateway.Proxy.Listeners;

/// <summary>What connections of clients are accepted, read and written by.</summary>
public enum Transport
{
    /// <summary>.NET's sockets; everywhere.</summary>
    Sockets,

    /// <summary>Event loops of the gateway's own; on Linux, on x86-64 and arm64.</summary>
    Epoll,
}
