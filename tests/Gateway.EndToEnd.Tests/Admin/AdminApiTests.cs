using System.Net;
using System.Text.Json;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Admin;

/// <summary>The read-only API: what it tells, in which parts, and what it never tells.</summary>
public sealed class AdminApiTests(AdminApiTests.Fixture fixture) : IClassFixture<AdminApiTests.Fixture>
{
    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task The_probes_answer(string path)
    {
        var answer = await AskAsync(path);
        Assert.Equal((HttpStatusCode.OK, "ok\n"), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    [InlineData("/api/status")]
    [InlineData("/api/routes")]
    public async Task The_head_alone_can_be_had(string path)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Head, fixture.Gateway.Admin(path));
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_route_tells_where_it_leads_and_what_is_done_on_the_way()
    {
        var route = Assert.Single(await ItemsAsync("/api/routes?host=secure.test"));
        Assert.Equal("secure.test", route.GetProperty("host").GetString());
        Assert.Equal(("/", "Prefix"), (route.GetProperty("path").GetString(), route.GetProperty("pathType").GetString()));
        Assert.Equal("Ingress shop/secure", route.GetProperty("source").GetString());
        var backend = Assert.Single(route.GetProperty("backends").EnumerateArray().ToList());
        Assert.Equal("shop/web", backend.GetProperty("service").GetString());
        Assert.Contains("https redirect: 308", route.GetProperty("filters").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_tells_its_endpoints()
    {
        var cluster = Assert.Single(await ItemsAsync("/api/clusters?host=secure.test"));
        Assert.Equal(("shop/web", "80"), (cluster.GetProperty("service").GetString(), cluster.GetProperty("port").GetString()));
        var endpoint = Assert.Single(cluster.GetProperty("endpoints").EnumerateArray().ToList());
        Assert.Equal("127.0.0.1:9", endpoint.GetProperty("address").GetString());
        Assert.Equal("Ready", endpoint.GetProperty("condition").GetString());
    }

    [Fact]
    public async Task Certificates_are_told_without_their_keys()
    {
        var answer = await AskAsync("/api/certificates");
        Assert.DoesNotContain("PRIVATE", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(fixture.Certificate.Key.Split('\n')[1], answer.Body, StringComparison.Ordinal);

        var certificate = Assert.Single(await ItemsAsync("/api/certificates?host=secure.test"));
        Assert.Equal("shop/secure-tls", certificate.GetProperty("secret").GetString());
        Assert.Equal("CN=secure.test", certificate.GetProperty("subject").GetString());
        Assert.Equal(fixture.Certificate.SerialNumber, certificate.GetProperty("serialNumber").GetString());
        Assert.False(certificate.GetProperty("isDefault").GetBoolean());
        Assert.True(Assert.Single(await ItemsAsync("/api/certificates?host=bare.test")).GetProperty("isDefault").GetBoolean());
    }

    [Theory]
    [InlineData("/api/routes", 128)]
    [InlineData("/api/routes?host=HOST-7.test", 1)]
    [InlineData("/api/routes?host=*", 1)]
    [InlineData("/api/routes?host=nobody.test", 0)]
    [InlineData("/api/routes?namespace=shop", 2)]
    [InlineData("/api/routes?namespace=shop&host=host-7.test", 0)]
    [InlineData("/api/clusters", 5)]
    [InlineData("/api/clusters?host=secure.test", 1)]
    [InlineData("/api/clusters?namespace=shop", 2)]
    [InlineData("/api/certificates", 2)]
    [InlineData("/api/certificates?namespace=shop", 1)]
    [InlineData("/api/certificates?namespace=default", 1)] // of a host that gets the default certificate
    [InlineData("/api/certificates?namespace=nowhere", 0)]
    [InlineData("/api/diagnostics", 4)]
    [InlineData("/api/diagnostics?namespace=shop", 1)]
    [InlineData("/api/diagnostics?host=lost.test", 1)]
    [InlineData("/api/diagnostics?host=idle.test", 1)]
    [InlineData("/api/diagnostics?host=UNSERVED.test", 1)] // of no Ingress that is served, but about this host
    [InlineData("/api/diagnostics?namespace=shop&host=unserved.test", 0)]
    [InlineData("/api/diagnostics?host=host-7.test", 0)]
    public async Task Lists_are_filtered_by_host_and_namespace(string path, int total) =>
        Assert.Equal(total, (await ReadAsync(path)).GetProperty("total").GetInt32());

    [Fact]
    public async Task Lists_come_in_parts_that_make_up_the_whole()
    {
        List<string?> hosts = [];
        int? offset = 0;
        for (var parts = 0; offset is not null; parts++)
        {
            Assert.True(parts < 4, "no end");
            var page = await ReadAsync($"/api/routes?limit=50&offset={offset}");
            Assert.Equal((128, offset), (page.GetProperty("total").GetInt32(), page.GetProperty("offset").GetInt32()));
            hosts.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("host").GetString()));
            offset = page.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.Number ? next.GetInt32() : null;
        }
        Assert.Equal(128, hosts.Distinct().Count());
        Assert.Equal(100, (await ItemsAsync("/api/routes")).Count);
        Assert.Empty(await ItemsAsync("/api/routes?offset=1000"));
    }

    [Theory]
    [InlineData("/api/routes?limit=0")]
    [InlineData("/api/routes?limit=1001")]
    [InlineData("/api/routes?limit=many")]
    [InlineData("/api/clusters?limit=-1")]
    [InlineData("/api/diagnostics?offset=-1")]
    [InlineData("/api/certificates?limit=")]
    public async Task A_part_that_cannot_be_is_refused_with_the_reason(string path)
    {
        var answer = await AskAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("limit one from 1 to 1000", JsonDocument.Parse(answer.Body).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/api")]
    [InlineData("/api/secrets")]
    [InlineData("/api/routes/1")]
    public async Task There_is_nothing_else(string path) => Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(path)).Status);

    [Fact]
    public async Task Nothing_can_be_changed()
    {
        using var client = new HttpClient();
        var answer = await client.AskAsync(new HttpRequestMessage(HttpMethod.Post, fixture.Gateway.Admin("/api/routes")));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.Status);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:{admin}")]
    [InlineData("localhost:{admin}")]
    [InlineData("[::1]:{admin}")]
    [InlineData("")]
    public async Task The_proxy_ports_do_not_lead_there_whatever_the_host(string host)
    {
        host = host.Replace("{admin}", $"{fixture.Gateway.AdminPort}", StringComparison.Ordinal);
        foreach (var target in new[] { "/api/routes", $"http://127.0.0.1:{fixture.Gateway.AdminPort}/api/routes" })
        {
            await using var connection = await RawConnection.DialAsync(fixture.Gateway.HttpPort);
            await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            var answer = await connection.ReadAnswerAsync();
            Assert.DoesNotContain("\"items\"", answer.Body, StringComparison.Ordinal);
            Assert.NotEqual(200, answer.Status);
        }
    }

    [Fact]
    public async Task A_rule_that_leads_to_the_admin_port_or_back_to_the_gateway_leads_nowhere()
    {
        foreach (var (name, port) in new[] { ("admin", fixture.Gateway.AdminPort), ("http", fixture.Gateway.HttpPort), ("https", fixture.Gateway.HttpsPort) })
        {
            fixture.Folder.Write($"trick-{name}.yaml", Yaml.Ingress($"trick-{name}", $"{name}.trick.test", $"trick-{name}") + Yaml.Service($"trick-{name}", port));
            await fixture.BecomesAsync($"http://{name}.trick.test/healthz", answer => answer.Status == HttpStatusCode.BadGateway);
            fixture.Folder.Delete($"trick-{name}.yaml");
            await fixture.BecomesAsync($"http://{name}.trick.test/", answer => answer.Body.Contains("404", StringComparison.Ordinal) || answer.From == "web");
        }
    }

    private async Task<Answer> AskAsync(string path)
    {
        using var client = new HttpClient();
        return await client.AskAsync(fixture.Gateway.Admin(path).ToString());
    }

    private async Task<JsonElement> ReadAsync(string path)
    {
        var answer = await AskAsync(path);
        Assert.Equal((HttpStatusCode.OK, "application/json; charset=utf-8"), (answer.Status, answer["Content-Type"]));
        return JsonDocument.Parse(answer.Body).RootElement;
    }

    private async Task<List<JsonElement>> ItemsAsync(string path) => [.. (await ReadAsync(path)).GetProperty("items").EnumerateArray()];

    public sealed class Fixture : GatewayFixture
    {
        internal IssuedCertificate Certificate { get; } = new TestAuthority().Issue("secure.test");

        protected override Task WriteAsync()
        {
            for (var i = 0; i < 122; i++)
                Folder.Write($"hosts/{i}.yaml", Yaml.Ingress($"host-{i}", $"host-{i}.test", "web"));
            Folder.Write("any.yaml", Yaml.Ingress("any", "", "web", "/any"));
            Folder.Write("lost.yaml", Yaml.Ingress("lost", "lost.test", "absent"));
            Folder.Write("idle.yaml", Yaml.Ingress("idle", "idle.test", "idle") + Yaml.Service("idle"));
            Folder.Write("refused.yaml", Yaml.Ingress("refused", "Unserved.test", "web"));
            Folder.Write("bare.yaml", Yaml.Ingress("bare", "bare.test", "web", spec: "tls: [{ hosts: [bare.test] }]"));
            Folder.Write("shop.yaml", InShop(
                TlsYaml.Ingress("secure", "secure.test", "secure-tls") + TlsYaml.Secret("secure-tls", Certificate)
                + Yaml.Service("web", 9) + Yaml.Ingress("lost", "shop-lost.test", "absent")));
            return Task.CompletedTask;
        }

        private static string InShop(string yaml) => yaml.Replace("metadata:\n", "metadata:\n  namespace: shop\n", StringComparison.Ordinal);
    }
}
