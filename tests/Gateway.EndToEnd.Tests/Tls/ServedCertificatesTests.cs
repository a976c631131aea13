using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Tls;

/// <summary>Which certificate a handshake is answered with, and what is agreed on in it.</summary>
public sealed class ServedCertificatesTests(ServedCertificatesTests.Certificates fixture) : IClassFixture<ServedCertificatesTests.Certificates>
{
    private const string SelfSigned = "Gateway Fake Certificate";

    [Theory]
    [InlineData(KeyForm.EcdsaSec1)]
    [InlineData(KeyForm.EcdsaPkcs8)]
    [InlineData(KeyForm.RsaPkcs1)]
    [InlineData(KeyForm.RsaPkcs8)]
    public async Task A_client_that_knows_only_the_root_believes_the_certificate(KeyForm form)
    {
        using var client = GatewayHttp.Client(fixture.Gateway, trusted: fixture.Authority.Root);
        Assert.Equal("web", (await client.AskAsync($"https://{Host(form)}/")).From);
    }

    [Theory]
    [InlineData("one.wild.test", "*.wild.test")]
    [InlineData("ONE.Wild.test", "*.wild.test")]
    [InlineData("exact.wild.test", "exact.wild.test")]
    [InlineData("wild.test", SelfSigned)]
    [InlineData("two.one.wild.test", SelfSigned)]
    [InlineData("nobody.test", SelfSigned)]
    [InlineData("127.0.0.1", SelfSigned)]
    [InlineData("", SelfSigned)]
    public async Task The_server_name_decides_exact_before_wildcard_of_one_label(string serverName, string subject)
    {
        Assert.Equal(subject, await TlsClient.NameAsync(fixture.Gateway.HttpsPort, serverName));
    }

    [Theory]
    [InlineData("h2,http/1.1", "h2")]
    [InlineData("http/1.1,h2", "h2")]
    [InlineData("http/1.1", "http/1.1")]
    [InlineData("", "")]
    public async Task The_protocol_is_agreed_on_in_the_handshake(string offered, string agreed)
    {
        var protocols = offered.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(name => new SslApplicationProtocol(name)).ToArray();
        await using var stream = await TlsClient.ShakeHandsAsync(fixture.Gateway.HttpsPort, "exact.wild.test", alpn: protocols);
        Assert.Equal(agreed, stream.NegotiatedApplicationProtocol.ToString());
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_versions_of_TLS_are_spoken(SslProtocols version)
    {
        await using var stream = await TlsClient.ShakeHandsAsync(fixture.Gateway.HttpsPort, "exact.wild.test", versions: version);
        Assert.Equal(version, stream.SslProtocol);
    }

    [Fact]
    public async Task Requests_travel_over_HTTP_2()
    {
        using var client = GatewayHttp.Client(fixture.Gateway, HttpVersion.Version20, fixture.Authority.Root);
        var answer = await client.AskAsync("https://exact.wild.test/");
        Assert.Equal((HttpVersion.Version20, HttpStatusCode.OK, "web"), (answer.Version, answer.Status, answer.From));
    }

    [Theory]
    [InlineData("missing", "spec.tls[0].secretName", "absent-tls", "Secret default/absent-tls does not exist", "Create it")]
    [InlineData("truncated", "spec.tls[0].secretName", "truncated-tls", "cut off or damaged", "kubectl create secret tls")]
    [InlineData("keyless", "spec.tls[0].secretName", "keyless-tls", "tls.key of Secret default/keyless-tls holds no private key", "kubectl create secret tls")]
    [InlineData("foreign-key", "spec.tls[0].secretName", "foreign-key-tls", "is not the key of the first certificate", "Store the key that belongs to the certificate")]
    [InlineData("foreign-name", "spec.tls[0].hosts[0]", "foreign-name.test", "is not valid for this host, only for elsewhere.test", "Use a certificate that names the host")]
    public async Task A_certificate_that_cannot_be_used_leaves_the_default_one_and_is_named(
        string ingress, string field, string value, string problem, string remedy)
    {
        var host = $"{ingress}.test";
        Assert.Equal(SelfSigned, await TlsClient.NameAsync(fixture.Gateway.HttpsPort, host));

        var diagnostic = Assert.Single(await ReportedDiagnostic.ReadAsync(fixture.Gateway), one => one.Object == $"Ingress default/{ingress}");
        Assert.Equal(("Error", field, value), (diagnostic.Severity, diagnostic.Field, diagnostic.Value));
        Assert.Contains(problem, diagnostic.Problem, StringComparison.Ordinal);
        Assert.Matches("so the default certificate answers$|so not used for it$", diagnostic.Problem);
        Assert.Contains(remedy, diagnostic.Remedy, StringComparison.Ordinal);
        Assert.Contains($"{ingress}.yaml", diagnostic.Origin, StringComparison.Ordinal);

        // The Ingress lives: it is served, and still redirects.
        Assert.Equal("web", (await fixture.GetAsync($"https://{host}/")).From);
        Assert.Equal(HttpStatusCode.PermanentRedirect, (await fixture.GetAsync($"http://{host}/")).Status);
    }

    [Fact]
    public async Task An_expired_certificate_is_served_and_named()
    {
        Assert.Equal("expired.test", await TlsClient.NameAsync(fixture.Gateway.HttpsPort, "expired.test"));

        var diagnostic = Assert.Single(await ReportedDiagnostic.ReadAsync(fixture.Gateway), one => one.Object == "Ingress default/expired");
        Assert.Equal(("Warning", "spec.tls[0].secretName", "expired-tls"), (diagnostic.Severity, diagnostic.Field, diagnostic.Value));
        Assert.Contains("the certificate expired on", diagnostic.Problem, StringComparison.Ordinal);
        Assert.Equal("Renew the certificate", diagnostic.Remedy);
    }

    [Fact]
    public async Task A_host_without_TLS_stays_plain_and_answers_TLS_with_the_default_certificate()
    {
        Assert.Equal("web", (await fixture.GetAsync("http://plain.test/")).From);
        Assert.Equal("web", (await fixture.GetAsync("https://plain.test/")).From);
        Assert.Equal(SelfSigned, await TlsClient.NameAsync(fixture.Gateway.HttpsPort, "plain.test"));
    }

    private static string Host(KeyForm form) => $"{form}.test".ToLowerInvariant();

    public sealed class Certificates : GatewayFixture
    {
        internal TestAuthority Authority { get; } = new();

        protected override Task WriteAsync()
        {
            foreach (var form in Enum.GetValues<KeyForm>())
                Write(form.ToString().ToLowerInvariant(), Host(form), Authority.Issue(Host(form), form));
            Write("wild", "*.wild.test", Authority.Issue("*.wild.test"));
            Write("exact", "exact.wild.test", Authority.Issue("exact.wild.test"));
            Write("expired", "expired.test", Authority.Issue("expired.test", until: DateTimeOffset.UtcNow.AddDays(-1)));
            Write("foreign-name", "foreign-name.test", Authority.Issue("elsewhere.test"));
            Folder.Write("plain.yaml", Yaml.Ingress("plain", "plain.test", "web"));

            Folder.Write("missing.yaml", TlsYaml.Ingress("missing", "missing.test", "absent-tls"));
            var good = Authority.Issue("truncated.test");
            Write("truncated", "truncated.test", good with { Certificates = good.Certificates[..^80] });
            Write("keyless", "keyless.test", Authority.Issue("keyless.test") with { Key = "no key\n" });
            Write("foreign-key", "foreign-key.test", Authority.Issue("foreign-key.test") with { Key = Authority.Issue("foreign-key.test").Key });
            return Task.CompletedTask;
        }

        private void Write(string name, string host, IssuedCertificate certificate) =>
            Folder.Write($"{name}.yaml", TlsYaml.Ingress(name, host, $"{name}-tls") + TlsYaml.Secret($"{name}-tls", certificate));
    }
}
