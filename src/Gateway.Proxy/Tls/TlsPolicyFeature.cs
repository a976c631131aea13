using Gateway.Configuration.Model;

namespace Gateway.Proxy.Tls;

/// <summary>The policy that a TLS connection was opened under: that of the name its handshake asked for.</summary>
internal sealed record TlsPolicyFeature(TlsPolicy Policy);
