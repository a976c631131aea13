using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>The options that say which Ingresses of a cluster are served.</summary>
public sealed class ScopeTests(ScopeTests.Cluster cluster) : IClassFixture<ScopeTests.Cluster>
{
    /// <summary>Ingresses of all kinds of classes, in two namespaces.</summary>
    public sealed class Cluster : ApiServerFixture
    {
        /// <inheritdoc/>
        protected override void Prepare()
        {
            Api.Apply("""
                apiVersion: v1
                kind: Namespace
                metadata: {name: shop, labels: {team: shop}}
                """);
            Api.Apply(ClusterYaml.Class("legacy", "k8s.io/ingress-nginx") + ClusterYaml.Class("edge", "example.com/edge") + ClusterYaml.Class("foreign", "example.com/foreign"));
            Add("ours", "nginx");
            Add("legacy", "legacy");
            Add("edge", "edge");
            Add("foreign", "foreign");
            Add("none", null);
            Add("annotated", null, "{kubernetes.io/ingress.class: nginx}");
            Api.Apply(ClusterYaml.Ingress("shop", "shop.test", "web").Replace("namespace: default", "namespace: shop", StringComparison.Ordinal));
        }

        private void Add(string name, string? className, string annotations = "") => Api.Apply(
            Yaml.Ingress(name, $"{name}.test", "web", annotations: annotations, spec: className is null ? "" : $"ingressClassName: {className}"));
    }

    [Theory]
    [InlineData("", "annotated legacy ours shop")]
    [InlineData("--watch-namespace shop", "shop")]
    [InlineData("--watch-namespace-selector team=shop", "shop")]
    [InlineData("--watch-namespace-selector team!=shop", "annotated legacy ours")]
    [InlineData("--ingress-class edge", "legacy ours shop")]
    [InlineData("--ingress-class edge --ingress-class-by-name", "edge legacy ours shop")]
    [InlineData("--controller-class example.com/edge", "annotated edge")]
    [InlineData("--watch-ingress-without-class", "annotated legacy none ours shop")]
    public async Task Only_what_the_options_mean_is_served(string options, string served)
    {
        await using var gateway = await cluster.RunGatewayAsync(null, options.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        var routes = await gateway.ReadAsync("/api/routes");
        var hosts = routes.GetProperty("items").EnumerateArray().Select(route => route.GetProperty("host").GetString()!.Replace(".test", "", StringComparison.Ordinal));
        Assert.Equal(served, string.Join(' ', hosts.Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("--watch-namespace shop --default-ssl-certificate infra/tls", "infra/tls", "only Secrets in the namespace shop are read")]
    [InlineData("--secret-namespaces shop,pay --default-ssl-certificate infra/tls", "infra/tls", "only Secrets in the namespaces shop, pay are read")]
    [InlineData("--watch-namespace shop --default-backend-service infra/web", "infra/web", "only Services in the namespace shop are read")]
    public async Task What_an_option_names_outside_of_what_is_read_is_said_to_lie_there(string options, string named, string problem)
    {
        await using var gateway = await cluster.RunGatewayAsync(null, options.Split(' '));

        var told = (await gateway.ReadAsync("/api/diagnostics")).GetProperty("items").EnumerateArray().Select(item => item.ToString());
        Assert.Contains(problem, Assert.Single(told, item => item.Contains(named, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_comes_and_goes_with_its_label()
    {
        await using var gateway = await cluster.RunGatewayAsync(null, "--watch-namespace-selector", "tier=public");
        using var client = GatewayHttp.Client(gateway);
        cluster.Api.Apply(ClusterYaml.Ingress("late", "late.test", "web").Replace("namespace: default", "namespace: late", StringComparison.Ordinal));
        cluster.Api.Apply(Namespace("{tier: public}"));
        await Eventually.IsAsync(() => client.AskAsync("http://late.test/"), answer => (int)answer.Status == 503);
        cluster.Api.Apply(Namespace("{}"));
        await Eventually.IsAsync(() => client.AskAsync("http://late.test/"), answer => (int)answer.Status == 404);
        cluster.Api.Delete("Ingress", "late", "late");

        static string Namespace(string labels) => $$"""
            apiVersion: v1
            kind: Namespace
            metadata: {name: late, labels: {{labels}} }
            """;
    }
}
