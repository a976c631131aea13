namespace Gateway.Proxy.Clients;

/// <summary>Who sent a request and to what, as the upstream is told: from the connection or, from trusted peers, from their forwarding headers.</summary>
/// <param name="Address">The client's IP address.</param>
/// <param name="ForwardedFor">What the upstream gets as <c>X-Forwarded-For</c>.</param>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">The host as the client wrote it, port included.</param>
/// <param name="Port">The port that the client dialled.</param>
/// <param name="Trusted">Whether the peer's forwarding headers were believed.</param>
internal readonly record struct ClientIdentity(
    string Address, string ForwardedFor, string Scheme, string Host, string Port, bool Trusted);
