using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Configuration;

public sealed class DefaultBackendTests(DefaultBackendTests.Fixture fixture) : IClassFixture<DefaultBackendTests.Fixture>
{
    public sealed class Fixture : GatewayFixture
    {
        protected override string[] Options => ["--default-backend-service", "default/fallback"];

        protected override Task WriteAsync()
        {
            Folder.Write("fallback.yaml", Yaml.Service("fallback"));
            Folder.Write("known.yaml", Yaml.Ingress("known", "known.test", "web", "/only"));
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task It_takes_what_no_rule_takes_and_without_endpoints_nothing_is_found()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await fixture.GetAsync("http://unknown.test/")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await fixture.GetAsync("http://known.test/elsewhere")).Status);

        await using var fallback = await EchoBackend.StartAsync("fallback");
        fixture.Folder.Write("fallback.yaml", Yaml.Service("fallback", fallback.Port));

        await fixture.BecomesAsync("http://unknown.test/", answer => answer.From == "fallback");
        Assert.Equal("fallback", (await fixture.GetAsync("http://known.test/elsewhere")).From);
        Assert.Equal("web", (await fixture.GetAsync("http://known.test/only")).From);
    }
}
