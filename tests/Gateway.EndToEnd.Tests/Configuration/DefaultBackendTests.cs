using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Configuration;

/// <summary><c>--default-backend-service</c>.</summary>
public sealed class DefaultBackendTests(DefaultBackendTests.Fixture fixture) : IClassFixture<DefaultBackendTests.Fixture>
{
    [Fact]
    public async Task It_takes_what_no_rule_takes_as_soon_as_it_has_endpoints()
    {
        await AssertNothingIsFoundAsync();
        var diagnostic = Assert.Single(await ReportedDiagnostic.ReadAsync(fixture.Gateway));
        Assert.Equal(("Error", "--default-backend-service", "default/fallback"), (diagnostic.Severity, diagnostic.Field, diagnostic.Value));
        Assert.Contains("does not exist", diagnostic.Problem, StringComparison.Ordinal);

        fixture.Folder.Write("fallback.yaml", Yaml.Service("fallback"));
        Assert.Contains("no ready endpoint", (await ReportedDiagnostic.OfAsync(fixture.Gateway, "Service default/fallback")).Problem, StringComparison.Ordinal);
        await AssertNothingIsFoundAsync();

        await using var fallback = await EchoBackend.StartAsync("fallback");
        fixture.Folder.Write("fallback.yaml", Yaml.Service("fallback", fallback.Port));
        await fixture.BecomesAsync("http://unknown.test/", answer => answer.From == "fallback");
        await ReportedDiagnostic.NoneAsync(fixture.Gateway);
        Assert.Equal("fallback", (await fixture.GetAsync("http://known.test/elsewhere")).From);
        Assert.Equal("web", (await fixture.GetAsync("http://known.test/only")).From);
        Assert.Equal("web", (await fixture.GetAsync("http://own.test/elsewhere")).From);

        fixture.Folder.Write("any.yaml", Yaml.Ingress("any", "", "web"));
        await fixture.BecomesAsync("http://unknown.test/", answer => answer.From == "web");
        // A known host falls to the default backend, never to a rule without a host.
        Assert.Equal("fallback", (await fixture.GetAsync("http://known.test/elsewhere")).From);
    }

    private async Task AssertNothingIsFoundAsync()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await fixture.GetAsync("http://unknown.test/")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await fixture.GetAsync("http://known.test/elsewhere")).Status);
    }

    public sealed class Fixture : GatewayFixture
    {
        protected override string[] Options => ["--default-backend-service", "default/fallback"];

        protected override Task WriteAsync()
        {
            Folder.Write("known.yaml", Yaml.Ingress("known", "known.test", "web", "/only"));
            Folder.Write("own.yaml", Yaml.Ingress(
                "own", "own.test", "web", "/only", spec: "defaultBackend: { service: { name: web, port: { number: 80 } } }"));
            return Task.CompletedTask;
        }
    }
}
