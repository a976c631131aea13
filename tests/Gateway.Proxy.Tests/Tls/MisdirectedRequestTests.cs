using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Tls;

namespace Gateway.Proxy.Tests.Tls;

public sealed class MisdirectedRequestTests
{
    private static readonly TlsPolicy ClientsOfA = TlsPolicy.Default with { ClientCertificates = "a" };
    private static readonly TlsPolicy ClientsOfB = TlsPolicy.Default with { ClientCertificates = "b" };
    private static readonly TlsPolicy Tls13Only = new(TlsVersions.Tls13);

    public static TheoryData<TlsPolicy?, TlsPolicy, bool> Cases => new()
    {
        { TlsPolicy.Default, TlsPolicy.Default, false },
        { TlsPolicy.Default, new TlsPolicy(TlsVersions.Tls12 | TlsVersions.Tls13), false },
        { TlsPolicy.Default, ClientsOfA, true },
        { ClientsOfA, TlsPolicy.Default, true },
        { ClientsOfA, ClientsOfA with { }, false },
        { ClientsOfA, ClientsOfB, true },
        { TlsPolicy.Default, Tls13Only, true },
        { Tls13Only, Tls13Only, false },
        // Without TLS there is no policy to differ from: such hosts redirect.
        { null, TlsPolicy.Default, false },
        { null, ClientsOfA, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_request_is_misdirected_when_its_connection_was_opened_under_another_policy(TlsPolicy? connection, TlsPolicy host, bool misdirected)
    {
        var opened = connection is null ? null : new TlsPolicyFeature(connection);

        Assert.Equal(misdirected, MisdirectedRequest.Is(opened, host));
    }
}
