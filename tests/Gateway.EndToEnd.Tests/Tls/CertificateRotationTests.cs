using System.Net;
using System.Text;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Tls;

/// <summary>Certificates that come and change while the gateway serves.</summary>
public sealed class CertificateRotationTests(CertificateRotationTests.Certificates fixture) : IClassFixture<CertificateRotationTests.Certificates>
{
    private const int Rotations = 10;

    [Fact]
    public async Task A_Secret_that_comes_later_is_served_and_cures_the_diagnostic()
    {
        fixture.Folder.Write("late.yaml", TlsYaml.Ingress("late", "late.test", "late-tls"));
        var diagnostic = await ReportedDiagnostic.OfAsync(fixture.Gateway, "Ingress default/late");
        Assert.Contains("late-tls does not exist", diagnostic.Problem, StringComparison.Ordinal);
        Assert.Equal("Gateway Fake Certificate", await TlsClient.NameAsync(fixture.Gateway.HttpsPort, "late.test"));

        fixture.Folder.Write("late-tls.yaml", TlsYaml.Secret("late-tls", fixture.Authority.Issue("late.test")));
        await Eventually.IsAsync(() => TlsClient.NameAsync(fixture.Gateway.HttpsPort, "late.test"), name => name == "late.test");
        Assert.DoesNotContain(await ReportedDiagnostic.ReadAsync(fixture.Gateway), one => one.Object == "Ingress default/late");
    }

    [Fact]
    public async Task A_Secret_is_rotated_under_load_without_a_failed_request_or_a_dropped_connection()
    {
        using var stop = new CancellationTokenSource();
        var old = await TlsClient.ShakeHandsAsync(fixture.Gateway.HttpsPort, "busy.test");
        await using var _ = old;
        var load = new[] { HttpVersion.Version11, HttpVersion.Version20, HttpVersion.Version11 }
            .Select((version, i) => LoadAsync(version, keepsConnection: i < 2, stop.Token)).ToArray();

        for (var i = 0; i < Rotations; i++)
        {
            var next = fixture.Authority.Issue("busy.test", i % 2 == 0 ? KeyForm.EcdsaPkcs8 : KeyForm.RsaPkcs8);
            fixture.Folder.Write("busy-tls.yaml", TlsYaml.Secret("busy-tls", next));
            await Eventually.IsAsync(() => TlsClient.SerialNumberAsync(fixture.Gateway.HttpsPort, "busy.test"), serial => serial == next.SerialNumber);
        }
        await stop.CancelAsync();
        foreach (var requests in await Task.WhenAll(load))
            Assert.True(requests > Rotations, $"{requests} requests are no load");

        // Opened before the first rotation, with a certificate that is long gone.
        await old.WriteAsync("GET / HTTP/1.1\r\nHost: busy.test\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(old, Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 200 OK", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task<int> LoadAsync(Version version, bool keepsConnection, CancellationToken stop)
    {
        for (var requests = 0; ;)
        {
            using var client = GatewayHttp.Client(fixture.Gateway, version, fixture.Authority.Root);
            do
            {
                if (stop.IsCancellationRequested)
                    return requests;
                Assert.Equal("web", (await client.AskAsync("https://busy.test/")).From);
                requests++;
            }
            while (keepsConnection);
        }
    }

    public sealed class Certificates : GatewayFixture
    {
        internal TestAuthority Authority { get; } = new();

        protected override Task WriteAsync()
        {
            Folder.Write("busy.yaml", TlsYaml.Ingress("busy", "busy.test", "busy-tls"));
            Folder.Write("busy-tls.yaml", TlsYaml.Secret("busy-tls", Authority.Issue("busy.test")));
            return Task.CompletedTask;
        }
    }
}
