using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests.Harness;
using Gateway.Testing.ApiServer;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>What the gateway may do in a cluster, by the RBAC objects that it is installed with, and what becomes of it with less.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private const string Namespace = GatewayProcess.PodNamespace;

    private readonly ApiServerFixture _cluster = new() { ServerOptions = new ApiServerOptions { AllowLoopbackEndpoints = true, Rbac = true } };
    private readonly TestAuthority _authority = new();

    public async ValueTask InitializeAsync()
    {
        await _cluster.InitializeAsync();
        _cluster.Api.WriteKubeconfig(_cluster.Kubeconfig, _cluster.Api.CreateToken(Namespace, DeployedManifest.ServiceAccount));
        _cluster.Api.Apply(ClusterYaml.GatewayPod("gateway-a", "node-1"));
        _cluster.Api.Apply(
            ClusterYaml.Ingress("plain", "plain.test", "web")
            + TlsYaml.Secret("secure-tls", _authority.Issue("secure.test"))
            + ClusterYaml.Ingress("secure", "secure.test", "web", spec: """tls: [{hosts: ["secure.test"], secretName: secure-tls}]"""));
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Its_rights_suffice_for_all_it_does_and_it_has_none_to_spare()
    {
        _cluster.Api.Apply(DeployedManifest.Documents("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ConfigMap", "Service"));
        var service = _cluster.Api.Get("Service", Namespace, "gateway")!;
        service["status"] = JsonNode.Parse("""{"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]} }""");
        _cluster.Api.Put(service);
        await using var gateway = await _cluster.RunGatewayAsync("gateway-a", DeployedManifest.Options);
        using var client = GatewayHttp.Client(gateway, trusted: _authority.Root);

        Assert.Equal("web", (await client.AskAsync("http://plain.test/")).From);
        Assert.Equal("web", (await client.AskAsync("https://secure.test/")).From);
        await Eventually.HoldsAsync(() => _cluster.Api.Get("Ingress", "default", "plain")!.Address() == "203.0.113.9");
        await WarnTwiceAsync();
        gateway.Terminate();
        Assert.Equal(0, await gateway.ExitedAsync());

        Assert.Null(_cluster.Api.Get("Ingress", "default", "plain")!.Address());
        Assert.DoesNotContain(_cluster.Api.Calls, call => call.Status is 401 or 403);
        // What only happens at other times: an Event's uid of an object that is no Ingress, a conflict of a status, a Secret
        // that was not needed when it came, and an Event that is told again.
        Right[] elsewhere =
        [
            new("get", "networking.k8s.io", "ingressclasses"), new("get", "discovery.k8s.io", "endpointslices"), new("get", "", "configmaps", Namespace, "gateway"),
            new("get", "networking.k8s.io", "ingresses"), new("get", "", "secrets"), new("patch", "events.k8s.io", "events"),
        ];
        Assert.Equal([], Granted().Except(_cluster.Api.Calls.Select(Needed)).Except(elsewhere));
    }

    [Fact]
    public async Task Without_Secrets_it_serves_plain_HTTP_and_says_what_is_missing()
    {
        GrantWithout("secrets");
        await using var gateway = await _cluster.RunGatewayAsync("gateway-a", "--publish-status-address", "203.0.113.9");
        using var client = GatewayHttp.Client(gateway);

        Assert.Equal("web", (await client.AskAsync("http://plain.test/")).From);
        Assert.Equal("Gateway Fake Certificate", await TlsClient.NameAsync(gateway.HttpsPort, "secure.test"));
        Assert.Equal((1, 0), (await SyncedAsync("Ingress"), await SyncedAsync("Secret")));
        var missing = Assert.Single(await ReportedDiagnostic.ReadAsync(gateway), one => one.Object is null);
        Assert.Contains($"system:serviceaccount:{Namespace}:gateway may not list secrets in the whole cluster", missing.Problem, StringComparison.Ordinal);
        Assert.Contains("the verbs get, list and watch for the resource secrets", missing.Remedy, StringComparison.Ordinal);

        // Given later, it is found by itself.
        _cluster.Api.Apply(DeployedManifest.Documents("ClusterRole"));
        await Eventually.IsAsync(() => TlsClient.NameAsync(gateway.HttpsPort, "secure.test"), name => name == "secure.test");
        await Eventually.IsAsync(async () => string.Join('\n', await ReportedDiagnostic.ReadAsync(gateway)), all => !all.Contains("may not", StringComparison.Ordinal));
        Assert.Equal(1, await SyncedAsync("Secret"));

        Task<double> SyncedAsync(string kind) => gateway.ReadMetricAsync($"gateway_watch_synced{{kind=\"{kind}\"}}");
    }

    [Fact]
    public async Task Roles_of_one_namespace_suffice_when_no_other_is_watched()
    {
        var rules = ClusterRole()["rules"]!.AsArray().Where(rule => !Mentions(rule!, "ingressclasses")).Select(rule => rule!.DeepClone()).ToArray();
        _cluster.Api.Put(new JsonObject
        {
            ["kind"] = "Role",
            ["metadata"] = new JsonObject { ["name"] = "watched", ["namespace"] = "default" },
            ["rules"] = new JsonArray(rules),
        });
        _cluster.Api.Apply(DeployedManifest.Documents("Role", "RoleBinding") + $$"""

            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: watched, namespace: default}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: watched}
            subjects: [{kind: ServiceAccount, name: gateway, namespace: {{Namespace}}}]
            """);
        foreach (var name in (string[])["plain", "secure"])
        {
            var ingress = _cluster.Api.Get("Ingress", "default", name)!;
            ingress["spec"]!["ingressClassName"] = "gateway";
            _cluster.Api.Put(ingress);
        }
        await using var gateway = await _cluster.RunGatewayAsync(
            "gateway-a", "--watch-namespace", "default", "--ingress-class", "gateway", "--election-id", "gateway-election", "--publish-status-address", "203.0.113.9");
        using var client = GatewayHttp.Client(gateway, trusted: _authority.Root);

        Assert.Equal("web", (await client.AskAsync("http://plain.test/")).From);
        Assert.Equal("web", (await client.AskAsync("https://secure.test/")).From);
        await Eventually.HoldsAsync(() => _cluster.Api.Get("Ingress", "default", "plain")!.Address() == "203.0.113.9");
        // Classes belong to no namespace; it says how it goes on without them.
        Assert.All(_cluster.Api.Calls.Where(call => call.Status == 403), call => Assert.Equal("ingressclasses", call.Target));
        var missing = Assert.Single(await ReportedDiagnostic.ReadAsync(gateway));
        Assert.Contains("may not list ingressclasses", missing.Problem, StringComparison.Ordinal);
    }

    /// <summary>Has the same problem of a Service and an Ingress twice: an Event each, counted on.</summary>
    private async Task WarnTwiceAsync()
    {
        for (var time = 1; time <= 2; time++)
        {
            _cluster.Api.Apply(ClusterYaml.Service("idle") + ClusterYaml.Ingress("broken", "broken.test", "missing") + ClusterYaml.Ingress("waiting", "waiting.test", "idle"));
            await Eventually.HoldsAsync(() => Warned("broken") && Warned("idle"));
            _cluster.Api.Delete("Ingress", "default", "broken");
            _cluster.Api.Delete("Ingress", "default", "waiting");
        }

        bool Warned(string name) => _cluster.Api.List("Event").Any(e => (string?)e["regarding"]?["name"] == name && (string?)e["type"] == "Warning");
    }

    /// <param name="Verb">RBAC's word.</param>
    /// <param name="Group">The API group.</param>
    /// <param name="Target">The plural, or plural/subresource.</param>
    /// <param name="Namespace">The only namespace; null: the whole cluster.</param>
    /// <param name="Name">The only object; null: any.</param>
    private sealed record Right(string? Verb, string? Group, string? Target, string? Namespace = null, string? Name = null);

    private IEnumerable<Right> Granted() =>
        from role in _cluster.Api.List("ClusterRole").Concat(_cluster.Api.List("Role"))
        from rule in role["rules"]!.AsArray()
        from @group in rule["apiGroups"]!.AsArray()
        from resource in rule["resources"]!.AsArray()
        from verb in rule["verbs"]!.AsArray()
        from name in rule["resourceNames"]?.AsArray() ?? [null]
        select new Right((string?)verb, (string?)@group, (string?)resource, (string?)role["metadata"]!["namespace"], (string?)name);

    /// <summary>The narrowest right that allows a call and that can be given in advance: there only the gateway's own namespace is known, and names of what it is installed with.</summary>
    private static Right Needed(ApiCall call) => call.Namespace == Namespace
        ? new(call.Verb, call.Group, call.Target, Namespace, call.Name is "gateway" or "gateway-election" ? call.Name : null)
        : new(call.Verb, call.Group, call.Target);

    private JsonObject ClusterRole()
    {
        _cluster.Api.Apply(DeployedManifest.Documents("ClusterRole"));
        var role = _cluster.Api.Get("ClusterRole", null, DeployedManifest.ServiceAccount)!;
        _cluster.Api.Delete("ClusterRole", null, DeployedManifest.ServiceAccount);
        return role;
    }

    private void GrantWithout(string resource)
    {
        var role = ClusterRole();
        foreach (var rule in role["rules"]!.AsArray().Where(rule => Mentions(rule!, resource)).ToArray())
            role["rules"]!.AsArray().Remove(rule);
        _cluster.Api.Put(role);
        _cluster.Api.Apply(DeployedManifest.Documents("ClusterRoleBinding", "Role", "RoleBinding"));
    }

    private static bool Mentions(JsonNode rule, string resource) => rule["resources"]!.AsArray().Any(name => (string?)name == resource);
}
