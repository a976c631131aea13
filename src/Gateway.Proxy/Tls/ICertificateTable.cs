using Gateway.Configuration.Model;

namespace Gateway.Proxy.Tls;

/// <summary>Where certificates are published; one writer.</summary>
internal interface ICertificateTable
{
    /// <summary>Answers handshakes for the host with this certificate from now on.</summary>
    void Publish(HostCertificate host);

    /// <summary>Forgets the host.</summary>
    void Remove(string host);

    /// <summary>Sets the certificate for names that have none; null: the gateway's own.</summary>
    void SetDefault(TlsCertificate? certificate);
}
