using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;

namespace Gateway.Proxy.Tls;

/// <summary>
/// What TLS handshakes are answered with, by server name (RFC 6066 3). Handshakes read without a lock; the public
/// members are for one writer. A change touches one host, and no open connection.
/// </summary>
internal sealed class CertificateTable : ICertificateTable
{
    /// <summary>As the platform's: it decodes the name of a handshake before it hands it on.</summary>
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    private readonly ConcurrentDictionary<string, HandshakeAnswer> _exact = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, HandshakeAnswer> _wildcards = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, HandshakeAnswer>.AlternateLookup<ReadOnlySpan<char>> _exactByName;
    private readonly ConcurrentDictionary<string, HandshakeAnswer>.AlternateLookup<ReadOnlySpan<char>> _wildcardBySuffix;
    private readonly TlsCertificate _selfSigned;
    private volatile HandshakeAnswer _default;
    private volatile GatewaySettings _settings;

    /// <summary>An empty table: every handshake gets the gateway's self-signed certificate.</summary>
    public CertificateTable(GatewaySettings settings, TimeProvider time)
    {
        _settings = settings;
        _exactByName = _exact.GetAlternateLookup<ReadOnlySpan<char>>();
        _wildcardBySuffix = _wildcards.GetAlternateLookup<ReadOnlySpan<char>>();
        DefaultCertificate = _selfSigned = SelfSignedCertificate.Create(time);
        _default = CompileDefault();
    }

    /// <summary>What names get that have no certificate of their own.</summary>
    public TlsCertificate DefaultCertificate { get; private set; }

    /// <summary>The entries of all hosts, in no order.</summary>
    public IEnumerable<HostCertificate> Hosts => _exact.Concat(_wildcards).Select(entry => entry.Value.Host).Distinct();

    /// <summary>Adds a host or replaces what it had. New handshakes see it at once.</summary>
    public void Publish(HostCertificate host)
    {
        var (table, key) = Locate(host.Host);
        var answer = Compile(host);
        table[key] = answer;
        table[Decoded(key)] = answer;
    }

    /// <summary>Takes a host out: its name then gets a wildcard's certificate or the default one.</summary>
    public void Remove(string host)
    {
        var (table, key) = Locate(host);
        table.TryRemove(key, out _);
        table.TryRemove(Decoded(key), out _);
    }

    /// <summary>Sets the certificate for names without one; null: a self-signed one that the gateway has made.</summary>
    public void SetDefault(TlsCertificate? certificate)
    {
        certificate ??= _selfSigned;
        if (certificate == DefaultCertificate)
            return;
        DefaultCertificate = certificate;
        Republish(host => host.Certificate is null);
    }

    /// <summary>Takes up <c>ssl-protocols</c>, <c>use-http2</c> and <c>ssl-reject-handshake</c> for new handshakes.</summary>
    public void Apply(GatewaySettings settings)
    {
        var before = _settings;
        _settings = settings;
        if (before.SslProtocols != settings.SslProtocols || before.UseHttp2 != settings.UseHttp2)
            Republish(_ => true);
    }

    /// <summary>
    /// The answer to a handshake for <paramref name="serverName"/>: its own, then that of the wildcard above it, then
    /// the default one. Null when it is to be refused.
    /// </summary>
    internal HandshakeAnswer? Find(ReadOnlySpan<char> serverName)
    {
        if (serverName.EndsWith('.'))
            serverName = serverName[..^1];
        if (_exactByName.TryGetValue(serverName, out var answer))
            return answer;
        var dot = serverName.IndexOf('.');
        if (dot > 0 && _wildcardBySuffix.TryGetValue(serverName[(dot + 1)..], out answer))
            return answer;
        return _settings.SslRejectHandshake ? null : _default;
    }

    private void Republish(Func<HostCertificate, bool> which)
    {
        _default = CompileDefault();
        foreach (var host in Hosts.Where(which))
            Publish(host);
    }

    /// <summary>Under the policy of the hosts without an entry: their requests would be taken for misdirected under any other.</summary>
    private HandshakeAnswer CompileDefault() =>
        Compile(new HostCertificate(HostRoutes.AnyHost, null, new TlsPolicy(_settings.SslProtocols)));

    private HandshakeAnswer Compile(HostCertificate host) => new(host, host.Certificate ?? DefaultCertificate, _settings);

    private (ConcurrentDictionary<string, HandshakeAnswer> Table, string Key) Locate(string host) =>
        host.StartsWith("*.", StringComparison.Ordinal) ? (_wildcards, host[2..]) : (_exact, host);

    /// <summary>
    /// The name as the platform hands it on: in Unicode where it is punycode (RFC 5891), whole or, when one label of the
    /// handshake's name is damaged, not at all. So a host is known by both forms.
    /// </summary>
    private static string Decoded(string name)
    {
        if (!name.Contains("xn--", StringComparison.OrdinalIgnoreCase))
            return name;
        try
        {
            return Idn.GetUnicode(name);
        }
        catch (ArgumentException)
        {
            return name;
        }
    }
}
