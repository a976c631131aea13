using System.Net;

namespace Gateway.Proxy.Listeners;

/// <summary>A port to listen on.</summary>
/// <param name="Name">Names the listener for routes, logs and metrics; unique among the open ones.</param>
/// <param name="Address">Where to listen. <see cref="IPAddress.IPv6Any"/> takes IPv4 as well, and stands for <see cref="IPAddress.Any"/> on a machine without IPv6.</param>
/// <param name="Port">0–65535; 0: chosen by the operating system.</param>
/// <param name="IsTls">TLS with HTTP/1.1 and HTTP/2 by ALPN; otherwise HTTP/1.1 and HTTP/2 with prior knowledge in clear.</param>
public sealed record ListenerDefinition(string Name, IPAddress Address, int Port, bool IsTls)
{
    /// <summary>The port that clients use, where something in front maps it; null: the one that is listened on.</summary>
    public int? PublicPort { get; init; }
}

/// <summary>An open listener and what it has accepted.</summary>
/// <param name="Definition">As it was opened.</param>
/// <param name="EndPoint">What it is bound to.</param>
/// <param name="CurrentConnections">Connections open now.</param>
/// <param name="TotalConnections">Connections accepted since it was opened.</param>
internal sealed record ListenerStatus(ListenerDefinition Definition, IPEndPoint EndPoint, int CurrentConnections, long TotalConnections);
