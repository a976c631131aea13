using System.Net;
using System.Text;
using Gateway.Kubernetes.Api;
using Gateway.Kubernetes.Tests.Harness;
using Gateway.Kubernetes.Tests.Informers;
using Gateway.Testing.ApiServer;
using k8s;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Api;

public sealed class ApiClientTests
{
    private const string Reader = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: gateway, namespace: demo}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: gateway}
        rules:
        - {apiGroups: [networking.k8s.io, discovery.k8s.io, ""], resources: [ingresses, ingressclasses, endpointslices, services, secrets], verbs: [get, list, watch]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: gateway}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: gateway}
        subjects:
        - {kind: ServiceAccount, name: gateway, namespace: demo}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rotated_token_is_read_when_the_old_one_is_refused()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Rbac = true, Time = clock });
        var api = cluster.RequireDouble();
        api.Apply(Reader);
        var token = api.CreateToken("demo", "gateway", TimeSpan.FromMinutes(10));
        await using var source = RunningSource.Start(
            () => new KubernetesClientConfiguration { Host = api.Address.ToString(), AccessToken = token }, clock: clock);
        await source.UntilAsync(() => source.IsSynced && api.Faults.OpenWatches == 6);

        token = api.CreateToken("demo", "gateway", TimeSpan.FromHours(1));
        clock.Advance(TimeSpan.FromMinutes(12));
        api.Apply(Yaml.Service("web"));
        await source.UntilAsync(() => source.Objects.Count == 1 && source.StatusOf("Service").Watches >= 2);

        Assert.Contains(api.Calls, call => call.Verb == "watch");
        Assert.DoesNotContain(source.Logs.Entries, entry => entry.Contains("401", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_stays_refused_is_told_of()
    {
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Rbac = true });
        var api = cluster.RequireDouble();
        using var client = new ApiClient(() => new KubernetesClientConfiguration { Host = api.Address.ToString(), AccessToken = "wrong" }, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<ApiException>(() => client.ReadAsync(HttpMethod.Get, "/api/v1/services", null, null, Cancellation));

        Assert.Equal((401, "Unauthorized"), (refused.Code, refused.Reason));
    }

    [Fact]
    public async Task A_kubeconfig_with_an_authority_of_its_own_is_all_it_takes()
    {
        await using var api = await ApiServer.StartAsync(new ApiServerOptions { Tls = true, Rbac = true });
        var path = Path.GetTempFileName();
        try
        {
            api.WriteKubeconfig(path);
            using var client = new ApiClient(() => KubernetesClientConfiguration.BuildConfigFromConfigFile(path), TimeProvider.System);

            using var response = await client.SendAsync(HttpMethod.Get, "/api/v1/services", null, null, Cancellation);

            Assert.Equal(HttpVersion.Version20, response.Version);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_server_of_a_foreign_authority_or_of_another_name_is_not_trusted()
    {
        await using var api = await ApiServer.StartAsync(new ApiServerOptions { Tls = true });
        await using var other = await ApiServer.StartAsync(new ApiServerOptions { Tls = true });
        var path = Path.GetTempFileName();
        try
        {
            var trusting = KubernetesClientConfiguration.BuildConfigFromConfigFile(other.WriteKubeconfig(path));
            trusting.Host = api.Address.ToString();
            using var foreign = new ApiClient(() => trusting, TimeProvider.System);
            await Assert.ThrowsAsync<HttpRequestException>(() => foreign.SendAsync(HttpMethod.Get, "/api/v1/services", null, null, Cancellation));

            var misnamed = KubernetesClientConfiguration.BuildConfigFromConfigFile(api.WriteKubeconfig(path));
            misnamed.TlsServerName = "elsewhere.example";
            using var named = new ApiClient(() => misnamed, TimeProvider.System);
            await Assert.ThrowsAsync<HttpRequestException>(() => named.SendAsync(HttpMethod.Get, "/api/v1/services", null, null, Cancellation));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task An_authority_that_was_exchanged_is_read_when_the_old_one_does_not_fit()
    {
        await using var old = await ApiServer.StartAsync(new ApiServerOptions { Tls = true });
        await using var current = await ApiServer.StartAsync(new ApiServerOptions { Tls = true });
        var clock = new FakeTimeProvider();
        var path = Path.GetTempFileName();
        try
        {
            var authorities = KubernetesClientConfiguration.BuildConfigFromConfigFile(old.WriteKubeconfig(path)).SslCaCerts;
            using var client = new ApiClient(() => new KubernetesClientConfiguration { Host = current.Address.ToString(), SslCaCerts = authorities }, clock);
            clock.Advance(TimeSpan.FromMinutes(1));
            authorities = KubernetesClientConfiguration.BuildConfigFromConfigFile(current.WriteKubeconfig(path)).SslCaCerts;

            await Assert.ThrowsAsync<HttpRequestException>(() => client.ReadAsync(HttpMethod.Get, "/api/v1/services", null, null, Cancellation));
            Assert.NotEmpty(await client.ReadAsync(HttpMethod.Get, "/api/v1/services", null, null, Cancellation));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_refusal_says_what_the_server_said()
    {
        var client = Scripted(HttpStatusCode.Forbidden,
            """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"secrets is forbidden","reason":"Forbidden","details":{"kind":"secrets"},"code":403}""");

        var refused = await Assert.ThrowsAsync<ApiException>(() => client.ReadAsync(HttpMethod.Get, "/", null, null, Cancellation));

        Assert.Equal((403, "Forbidden", "secrets is forbidden", true, false), (refused.Code, refused.Reason, refused.Message, refused.IsForbidden, refused.IsGone));
    }

    [Theory]
    [InlineData("Too many requests, please try again later.\n", "Too many requests, please try again later.")]
    [InlineData("", "HTTP status 429")]
    [InlineData("[]", "[]")]
    public async Task A_refusal_need_not_be_JSON(string body, string message)
    {
        var client = Scripted(HttpStatusCode.TooManyRequests, body, retryAfter: 2);

        var refused = await Assert.ThrowsAsync<ApiException>(() => client.ReadAsync(HttpMethod.Get, "/", null, null, Cancellation));

        Assert.Equal((429, null, message, TimeSpan.FromSeconds(2)), (refused.Code, refused.Reason, refused.Message, refused.RetryAfter));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_not_waited_for_for_ever()
    {
        var clock = new FakeTimeProvider();
        using var client = new ApiClient(new HttpMessageInvoker(new Silence()), new Uri("http://api.example"), clock);

        var call = client.SendAsync(HttpMethod.Get, "/api/v1/services?limit=500", null, null, Cancellation);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("No answer to GET /api/v1/services came within 30 s", (await Assert.ThrowsAsync<TimeoutException>(() => call)).Message);
    }

    [Fact]
    public async Task An_API_with_a_path_of_its_own_is_found()
    {
        Uri? asked = null;
        using var client = new ApiClient(
            new HttpMessageInvoker(new Script(request =>
            {
                asked = request.RequestUri;
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{}") };
            })),
            new Uri("https://proxy.example/clusters/one/"));

        await client.ReadAsync(HttpMethod.Get, "/api/v1/services?limit=1", null, null, Cancellation);

        Assert.Equal("https://proxy.example/clusters/one/api/v1/services?limit=1", asked!.AbsoluteUri);
    }

    private static ApiClient Scripted(HttpStatusCode code, string body, int? retryAfter = null) => new(
        new HttpMessageInvoker(new Script(_ =>
        {
            var response = new HttpResponseMessage(code) { Content = new StringContent(body, Encoding.UTF8) };
            if (retryAfter is { } seconds)
                response.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
            return response;
        })),
        new Uri("http://api.example"));

    private sealed class Script(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }

    private sealed class Silence : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }
    }
}
