using Gateway.Testing.ApiServer;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>Tokens and RBAC.</summary>
public sealed class AuthTests : RecordingTests
{
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/gw-system/leases";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    protected override ApiServerOptions Options => new() { Rbac = true, Time = _time };

    private string _token = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Objects.PutIngresses(Api, "ing-b");
        Api.Apply("""
            {kind: ServiceAccount, metadata: {name: gateway, namespace: gw-system}}
            ---
            kind: ClusterRole
            metadata: {name: gateway}
            rules:
            - {verbs: [get, list, watch], apiGroups: [networking.k8s.io], resources: [ingresses, ingressclasses]}
            - {verbs: [get, list, watch], apiGroups: [""], resources: [services, namespaces]}
            - {verbs: [patch], apiGroups: [networking.k8s.io], resources: [ingresses/status]}
            ---
            kind: ClusterRoleBinding
            metadata: {name: gateway}
            roleRef: {kind: ClusterRole, name: gateway}
            subjects: [{kind: ServiceAccount, name: gateway, namespace: gw-system}]
            ---
            kind: Role
            metadata: {name: leader, namespace: gw-system}
            rules:
            - {verbs: [create], apiGroups: [coordination.k8s.io], resources: [leases]}
            - {verbs: [get, update], apiGroups: [coordination.k8s.io], resources: [leases], resourceNames: [gateway-leader]}
            ---
            kind: RoleBinding
            metadata: {name: leader, namespace: gw-system}
            roleRef: {kind: Role, name: leader}
            subjects: [{kind: ServiceAccount, name: gateway, namespace: gw-system}]
            """);
        _token = Api.CreateToken("gw-system", "gateway");
    }

    [Theory]
    [InlineData("GET", "/apis/networking.k8s.io/v1/ingresses", 200, null)]
    [InlineData("GET", "/apis/networking.k8s.io/v1/namespaces/demo/ingresses", 200, null)]
    [InlineData("PATCH", "/apis/networking.k8s.io/v1/namespaces/demo/ingresses/ing-b/status", 200, null)]
    [InlineData("PUT", "/apis/networking.k8s.io/v1/namespaces/demo/ingresses/ing-b/status", 403, "ingresses.networking.k8s.io \"ing-b\" is forbidden: User \"system:serviceaccount:gw-system:gateway\" cannot update resource \"ingresses/status\" in API group \"networking.k8s.io\" in the namespace \"demo\"")]
    [InlineData("PATCH", "/apis/networking.k8s.io/v1/namespaces/demo/ingresses/ing-b", 403, "ingresses.networking.k8s.io \"ing-b\" is forbidden: User \"system:serviceaccount:gw-system:gateway\" cannot patch resource \"ingresses\" in API group \"networking.k8s.io\" in the namespace \"demo\"")]
    [InlineData("POST", Leases, 201, null)]
    [InlineData("GET", Leases + "/gateway-leader", 404, "leases.coordination.k8s.io \"gateway-leader\" not found")]
    [InlineData("GET", Leases + "/other", 403, "leases.coordination.k8s.io \"other\" is forbidden: User \"system:serviceaccount:gw-system:gateway\" cannot get resource \"leases\" in API group \"coordination.k8s.io\" in the namespace \"gw-system\"")]
    [InlineData("GET", Leases, 403, "leases.coordination.k8s.io is forbidden: User \"system:serviceaccount:gw-system:gateway\" cannot list resource \"leases\" in API group \"coordination.k8s.io\" in the namespace \"gw-system\"")]
    [InlineData("POST", "/apis/coordination.k8s.io/v1/namespaces/demo/leases", 403, "leases.coordination.k8s.io is forbidden: User \"system:serviceaccount:gw-system:gateway\" cannot create resource \"leases\" in API group \"coordination.k8s.io\" in the namespace \"demo\"")]
    [InlineData("GET", "/api/v1/secrets?watch=true&resourceVersion=0", 403, "secrets is forbidden: User \"system:serviceaccount:gw-system:gateway\" cannot watch resource \"secrets\" in API group \"\" at the cluster scope")]
    [InlineData("GET", "/api/v1/nodes", 403, "nodes is forbidden: User \"system:serviceaccount:gw-system:gateway\" cannot list resource \"nodes\" in API group \"\" at the cluster scope")]
    public async Task Roles_say_what_an_account_may_do(string method, string path, int status, string? message)
    {
        var body = method switch { "POST" => """{"metadata":{"name":"new"}}""", "GET" => null, _ => "{}" };

        var reply = await Client.SendAsync(method, path, body, method == "PATCH" ? "application/merge-patch+json" : "application/json", token: _token);

        Assert.Equal((status, message), (reply.Status, reply.Message));
    }

    [Fact]
    public async Task A_role_of_one_namespace_reaches_no_further_and_a_namespace_counts_as_inside_of_itself()
    {
        Api.Apply("""
            kind: Role
            metadata: {name: scoped, namespace: demo}
            rules: [{verbs: [get, list, watch], apiGroups: [networking.k8s.io], resources: [ingresses]}]
            ---
            kind: RoleBinding
            metadata: {name: scoped, namespace: demo}
            roleRef: {kind: Role, name: scoped}
            subjects: [{kind: ServiceAccount, name: scoped, namespace: demo}]
            """);
        var token = Api.CreateToken("demo", "scoped");

        Assert.Equal(200, (await Client.GetAsync(Client.Ingresses, token: token)).Status);
        Assert.EndsWith("at the cluster scope", (await Client.GetAsync("/apis/networking.k8s.io/v1/ingresses", token: token)).Message, StringComparison.Ordinal);
        Assert.EndsWith("in the namespace \"other\"", (await Client.GetAsync("/apis/networking.k8s.io/v1/namespaces/other/ingresses", token: token)).Message, StringComparison.Ordinal);
        Assert.Equal(
            "namespaces \"demo\" is forbidden: User \"system:serviceaccount:demo:scoped\" cannot get resource \"namespaces\" in API group \"\" in the namespace \"demo\"",
            (await Client.GetAsync("/api/v1/namespaces/demo", token: token)).Message);
    }

    [Fact]
    public async Task A_list_of_one_object_by_its_name_is_allowed_by_a_rule_with_that_name()
    {
        Api.Apply("""
            kind: Role
            metadata: {name: named, namespace: demo}
            rules: [{verbs: [list], apiGroups: [""], resources: [configmaps], resourceNames: [settings]}]
            ---
            kind: RoleBinding
            metadata: {name: named, namespace: demo}
            roleRef: {kind: Role, name: named}
            subjects: [{kind: ServiceAccount, name: named, namespace: demo}]
            """);
        var token = Api.CreateToken("demo", "named");

        Assert.Equal(200, (await Client.GetAsync("/api/v1/namespaces/demo/configmaps?fieldSelector=metadata.name%3Dsettings", token: token)).Status);
        Assert.Equal(403, (await Client.GetAsync("/api/v1/namespaces/demo/configmaps?fieldSelector=metadata.name%3Dother", token: token)).Status);
        Assert.Equal(403, (await Client.GetAsync("/api/v1/namespaces/demo/configmaps", token: token)).Status);
    }

    [Fact]
    public async Task A_forbidden_list_is_answered_as_recorded()
    {
        var reply = await Client.GetAsync("/api/v1/secrets?limit=500&fieldSelector=type%3Dkubernetes.io%2Ftls", token: _token);

        Assert.Equal("nosniff", Assert.Single(reply.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal(
            """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"secrets is forbidden: User \"system:serviceaccount:gw-system:gateway\" cannot list resource \"secrets\" in API group \"\" at the cluster scope","reason":"Forbidden","details":{"kind":"secrets"},"code":403}""" + "\n",
            reply.Text);
    }

    [Fact]
    public async Task A_wrong_token_is_unauthorized_and_none_is_anonymous()
    {
        var wrong = await Client.GetAsync(Client.Ingresses, token: "wrong");

        Assert.Equal(401, wrong.Status);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}""" + "\n", wrong.Text);
        Assert.Equal(
            "ingresses.networking.k8s.io is forbidden: User \"system:anonymous\" cannot list resource \"ingresses\" in API group \"networking.k8s.io\" in the namespace \"demo\"",
            (await Client.GetAsync(Client.Ingresses)).Message);
        Assert.Equal("ok", (await Client.GetAsync("/healthz")).Text);
    }

    [Fact]
    public async Task A_token_expires_for_new_requests()
    {
        var token = Api.CreateToken("gw-system", "gateway", TimeSpan.FromMinutes(10));
        Assert.Equal(200, (await Client.GetAsync(Client.Ingresses, token: token)).Status);

        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(401, (await Client.GetAsync(Client.Ingresses, token: token)).Status);
    }

    [Fact]
    public async Task A_running_watch_outlives_its_token_and_its_right()
    {
        using var watch = await Client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={Api.ResourceVersion}", token: _token);

        _time.Advance(TimeSpan.FromHours(2));
        Api.Delete("ClusterRoleBinding", null, "gateway");
        Objects.PutIngresses(Api, "new");

        Assert.StartsWith("ADDED new", await watch.NextAsync(), StringComparison.Ordinal);
        Assert.Equal(403, (await Client.GetAsync(Client.Ingresses, token: Api.CreateToken("gw-system", "gateway"))).Status);
    }
}
