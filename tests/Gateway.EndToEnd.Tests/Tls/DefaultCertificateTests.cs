using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Tls;

/// <summary><c>--default-ssl-certificate</c>.</summary>
public sealed class DefaultCertificateTests(DefaultCertificateTests.Fixture fixture) : IClassFixture<DefaultCertificateTests.Fixture>
{
    [Fact]
    public async Task The_named_Secret_answers_for_names_without_one_as_soon_as_it_is_there()
    {
        Assert.Equal("Gateway Fake Certificate", await NameAsync());
        var diagnostic = Assert.Single(await ReportedDiagnostic.ReadAsync(fixture.Gateway));
        Assert.Equal(("Error", "--default-ssl-certificate", "default/fallback"), (diagnostic.Severity, diagnostic.Field, diagnostic.Value));
        Assert.Equal("Secret default/fallback does not exist, or was refused, so a self-signed certificate answers", diagnostic.Problem);
        Assert.Equal("Create it, mend it, or correct the name", diagnostic.Remedy);

        var authority = new TestAuthority();
        fixture.Folder.Write("fallback.yaml", TlsYaml.Secret("fallback", authority.Issue("fallback.test")));
        await Eventually.IsAsync(NameAsync, name => name == "fallback.test");
        Assert.Empty(await ReportedDiagnostic.ReadAsync(fixture.Gateway));

        // It is an ordinary certificate: who asks for its own name believes it.
        using var client = GatewayHttp.Client(fixture.Gateway, trusted: authority.Root);
        Assert.Equal(HttpStatusCode.NotFound, (await client.AskAsync("https://fallback.test/")).Status);

        fixture.Folder.Write("fallback.yaml", TlsYaml.Secret("fallback", authority.Issue("fallback.test") with { Key = "" }));
        await Eventually.IsAsync(NameAsync, name => name == "Gateway Fake Certificate");
    }

    private Task<string> NameAsync() => TlsClient.NameAsync(fixture.Gateway.HttpsPort, "nobody.test");

    public sealed class Fixture : GatewayFixture
    {
        protected override string[] Options => ["--default-ssl-certificate", "default/fallback"];

        protected override Task WriteAsync()
        {
            return Task.CompletedTask;
        }
    }
}
