using Gateway.Configuration.Model;

namespace Gateway.Proxy.Tls;

/// <summary>
/// Connections are reused for other hosts (RFC 9113 9.1.1), and nothing ties the Host field to the name of the
/// handshake. A host that asks more of its clients must not be reached over a connection that was opened for another.
/// </summary>
internal static class MisdirectedRequest
{
    /// <summary>
    /// Whether a request for a host with <paramref name="policy"/> must be answered 421 (RFC 9110 15.5.20), since its
    /// connection was opened under another policy. Never so without TLS.
    /// </summary>
    public static bool Is(TlsPolicyFeature? opened, TlsPolicy policy) => opened is not null && opened.Policy != policy;
}
