using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Model;

/// <summary>All that the gateway serves under one host name: the unit in which routes are translated, compared and published.</summary>
/// <param name="Host">Lower case: <c>foo.com</c>, <c>*.foo.com</c> (one label), or <see cref="AnyHost"/>.</param>
public sealed record HostRoutes(string Host)
{
    /// <summary>The host of rules without a host: serves every name that no other host serves.</summary>
    public const string AnyHost = "";

    /// <summary>The listeners on which the host is served.</summary>
    public EquatableArray<string> Listeners { get; init; } = ListenerNames.Ingress;

    /// <summary>The routes, highest precedence first.</summary>
    public EquatableArray<Route> Routes { get; init; }

    /// <summary>What a TLS connection must have been opened with to carry requests for this host.</summary>
    public TlsPolicy Tls { get; init; } = TlsPolicy.Default;
}

/// <summary>The two listeners that every Ingress is served on.</summary>
public static class ListenerNames
{
    /// <summary>The plain one.</summary>
    public const string Http = "http";

    /// <summary>The one with TLS.</summary>
    public const string Https = "https";

    /// <summary>Both.</summary>
    public static EquatableArray<string> Ingress { get; } = [Http, Https];
}

/// <summary>
/// The part of a host's TLS settings that decides who may speak: a connection opened under one policy must not
/// carry requests for a host with another (RFC 9110 15.5.20: 421). The certificate is no part of it.
/// </summary>
/// <param name="Versions">The versions offered.</param>
/// <param name="ClientCertificates">Identity of the client-certificate settings; null when none are asked for.</param>
public sealed record TlsPolicy(TlsVersions Versions, string? ClientCertificates = null)
{
    /// <summary>TLS 1.2 and 1.3, no client certificates.</summary>
    public static TlsPolicy Default { get; } = new(TlsVersions.Tls12 | TlsVersions.Tls13);
}
