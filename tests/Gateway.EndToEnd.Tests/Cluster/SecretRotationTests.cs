using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>A certificate that is renewed all the time.</summary>
public sealed class SecretRotationTests(ClusterFixture cluster) : IClassFixture<ClusterFixture>
{
    private const int Rotations = 100;

    [Fact]
    public async Task A_hundred_rotations_under_load_cost_no_handshake_and_the_last_certificate_is_served()
    {
        var authority = new TestAuthority();
        var served = authority.Issue("busy.test");
        cluster.Api.Apply(TlsYaml.Secret("busy-tls", served) + ClusterYaml.Ingress("busy", "busy.test", "web", spec: """tls: [{hosts: ["busy.test"], secretName: busy-tls}]"""));
        await Eventually.IsAsync(SerialAsync, serial => serial == served.SerialNumber);
        await using var load = ConstantLoad.Start(cluster.Gateway, authority.Root, "https://busy.test/");

        for (var i = 1; i <= Rotations; i++)
        {
            served = authority.Issue("busy.test");
            cluster.Api.Apply(TlsYaml.Secret("busy-tls", served));
            // Now and then faster than it can be followed.
            if (i % 3 != 0)
                await Eventually.IsAsync(SerialAsync, serial => serial == served.SerialNumber);
        }

        await Eventually.IsAsync(SerialAsync, serial => serial == served.SerialNumber);
        await load.EndAsync();
        await ReportedDiagnostic.NoneAsync(cluster.Gateway);
    }

    private Task<string> SerialAsync() => TlsClient.SerialNumberAsync(cluster.Gateway.HttpsPort, "busy.test");
}
