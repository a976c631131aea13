using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Model;

/// <summary>A parsed certificate with its key and chain. Two are equal only when they are the same instance: a changed Secret is parsed anew.</summary>
/// <param name="secret">The Secret it was read from; null: made by the gateway itself.</param>
/// <param name="leaf">The certificate with its private key.</param>
/// <param name="intermediates">The rest of the chain, as sent to clients.</param>
public sealed class TlsCertificate(ObjectName? secret, X509Certificate2 leaf, X509Certificate2Collection intermediates)
{
    /// <summary>The Secret it was read from; null: made by the gateway itself.</summary>
    public ObjectName? Secret { get; } = secret;

    /// <summary>The certificate with its private key.</summary>
    public X509Certificate2 Leaf { get; } = leaf;

    /// <summary>The rest of the chain, as sent to clients.</summary>
    public X509Certificate2Collection Intermediates { get; } = intermediates;

    /// <summary>The DNS names that it is valid for: subject alternative names or, without any, the common name.</summary>
    public required EquatableArray<string> DnsNames { get; init; }

    /// <summary>The Secret's name and the certificate's fingerprint.</summary>
    public override string ToString() => $"{Secret} {Leaf.Thumbprint}";

    /// <summary>Whether it is valid for <paramref name="host"/> (RFC 6125 6.4.3: a wildcard stands for exactly one label; a wildcard host needs the same wildcard name).</summary>
    public bool Covers(string host)
    {
        foreach (var name in DnsNames)
        {
            if (name.Equals(host, StringComparison.OrdinalIgnoreCase))
                return true;
            if (name.StartsWith("*.", StringComparison.Ordinal) && !host.StartsWith('*')
                && host.IndexOf('.') is > 0 and var dot && host.AsSpan(dot).Equals(name.AsSpan(1), StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>What a TLS handshake for one host name is answered with.</summary>
/// <param name="Host">Exact or wildcard, lower case.</param>
/// <param name="Certificate">Null: the default certificate, since the host's own is missing or broken.</param>
/// <param name="Policy">The host's policy.</param>
public sealed record HostCertificate(string Host, TlsCertificate? Certificate, TlsPolicy Policy);
