using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests.Harness;
using Gateway.Testing.ApiServer;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>The validating webhook, asked as the API server asks: by the name of its Service, trusting the bundle in its configuration.</summary>
public sealed class AdmissionTests(AdmissionTests.Cluster cluster) : IClassFixture<AdmissionTests.Cluster>
{
    private static readonly string ServiceName = $"gateway-admission.{GatewayProcess.PodNamespace}.svc";

    /// <summary>Two replicas with a webhook each.</summary>
    public sealed class Cluster : ApiServerFixture
    {
        internal List<(GatewayProcess Gateway, int Port)> Replicas { get; } = [];

        /// <inheritdoc/>
        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            Api.Apply($$"""
                apiVersion: v1
                kind: Namespace
                metadata: {name: {{GatewayProcess.PodNamespace}}}
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingWebhookConfiguration
                metadata: {name: gateway-admission}
                webhooks:
                - name: validate.gateway.example.com
                  clientConfig: {service: {namespace: {{GatewayProcess.PodNamespace}}, name: gateway-admission, path: /validate-ingress} }
                  rules:
                  - {operations: [CREATE, UPDATE], apiGroups: [networking.k8s.io], apiVersions: [v1], resources: [ingresses]}
                  failurePolicy: Ignore
                  sideEffects: None
                  admissionReviewVersions: [v1]
                ---
                {{ClusterYaml.Ingress("taken", "taken.test", "web")}}
                """);
            foreach (var pod in (string[])["gateway-a", "gateway-b"])
            {
                var port = Ports.Closed();
                Replicas.Add((LaunchGateway(
                    pod, "--validating-webhook-port", port.ToString(CultureInfo.InvariantCulture), "--validating-webhook-configuration", "gateway-admission"), port));
            }
            foreach (var (gateway, _) in Replicas)
                await gateway.StartedAsync();
        }

        /// <inheritdoc/>
        public override async ValueTask DisposeAsync()
        {
            foreach (var (gateway, _) in Replicas)
                await gateway.DisposeAsync();
            await base.DisposeAsync();
            GC.SuppressFinalize(this);
        }
    }

    [Fact]
    public async Task Every_replica_lets_good_ingresses_pass_warns_of_doubtful_ones_and_refuses_bad_ones()
    {
        foreach (var (_, port) in cluster.Replicas)
        {
            using var client = await ClientAsync(port);

            var good = await ReviewAsync(client, ClusterYaml.Ingress("fine", "fine.test", "web"));
            Assert.True((bool)good["allowed"]!, good.ToJsonString());
            Assert.Equal("u-1", (string?)good["uid"]);

            var doubtful = await ReviewAsync(client, ClusterYaml.Ingress(
                "doubtful", "doubtful.test", "web", annotations: """{nginx.ingress.kubernetes.io/proxy-body-size: "lots"}"""));
            Assert.True((bool)doubtful["allowed"]!, doubtful.ToJsonString());
            Assert.Contains("proxy-body-size", (string?)doubtful["warnings"]!.AsArray().Single(), StringComparison.Ordinal);

            var bad = await ReviewAsync(client, """
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: bad, namespace: default}
                spec:
                  ingressClassName: nginx
                  defaultBackend:
                    resource: {apiGroup: storage.example.com, kind: Bucket, name: files}
                """);
            Assert.False((bool)bad["allowed"]!, bad.ToJsonString());
            Assert.Contains("spec.defaultBackend.resource", (string?)bad["status"]!["message"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_path_that_another_ingress_has_is_refused()
    {
        using var client = await ClientAsync(cluster.Replicas[0].Port);

        var twice = await ReviewAsync(client, ClusterYaml.Ingress("second", "taken.test", "web"));
        Assert.False((bool)twice["allowed"]!, twice.ToJsonString());
        Assert.Contains("default/taken", (string?)twice["status"]!["message"], StringComparison.Ordinal);

        var same = await ReviewAsync(client, ClusterYaml.Ingress("taken", "taken.test", "web"));
        Assert.True((bool)same["allowed"]!, same.ToJsonString());
    }

    [Fact]
    public async Task A_replica_that_is_about_to_stop_still_answers()
    {
        var port = Ports.Closed();
        await using var gateway = cluster.LaunchGateway(
            "gateway-c", "--validating-webhook-port", port.ToString(CultureInfo.InvariantCulture), "--pre-stop-delay", "60s");
        await gateway.StartedAsync();
        using var client = await ClientAsync(port);

        gateway.Terminate();
        await Eventually.IsAsync(gateway.IsReadyAsync, ready => !ready);

        Assert.True((bool)(await ReviewAsync(client, ClusterYaml.Ingress("late", "late.test", "web")))["allowed"]!);
    }

    [Fact]
    public async Task No_Ingress_leads_to_the_webhook()
    {
        var (gateway, port) = cluster.Replicas[0];
        using var direct = await ClientAsync(port);
        cluster.Api.Apply(ClusterYaml.Service("hook", port) + ClusterYaml.Ingress(
            "hook", "hook.test", "hook", annotations: """{nginx.ingress.kubernetes.io/backend-protocol: "HTTPS"}"""));
        using var client = GatewayHttp.Client(gateway);

        var answer = await Eventually.IsAsync(() => client.AskAsync("http://hook.test/validate-ingress"), answer => answer.Status != HttpStatusCode.NotFound);

        Assert.Equal(HttpStatusCode.BadGateway, answer.Status);
    }

    /// <summary>A client that trusts what the API server would.</summary>
    private async Task<HttpClient> ClientAsync(int port)
    {
        await Eventually.HoldsAsync(() => Bundle() is { Length: > 0 });
        var root = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(Convert.FromBase64String(Bundle()!)));
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectCallback = (_, cancellation) => TlsClient.ConnectAsync(port, cancellation) };
        TlsClient.Trust(handler.SslOptions, root);
        var client = new HttpClient(handler) { BaseAddress = new Uri($"https://{ServiceName}/") };
        // The Secret may not have been read yet.
        await Eventually.IsAsync(async () =>
        {
            try
            {
                using var answer = await client.GetAsync("/");
                return answer.StatusCode.ToString();
            }
            catch (HttpRequestException e)
            {
                return e.ToString();
            }
        }, answer => answer == nameof(HttpStatusCode.NotFound));
        return client;

        string? Bundle() => (string?)cluster.Api.Get("ValidatingWebhookConfiguration", null, "gateway-admission")!["webhooks"]![0]!["clientConfig"]!["caBundle"];
    }

    private static async Task<JsonObject> ReviewAsync(HttpClient client, string yaml)
    {
        // Read by the API server's own reader of YAML, in a server of its own.
        await using var scratch = await ApiServer.StartAsync();
        var ingress = scratch.Apply(yaml).Single();
        var review = new JsonObject
        {
            ["apiVersion"] = "admission.k8s.io/v1",
            ["kind"] = "AdmissionReview",
            ["request"] = new JsonObject
            {
                ["uid"] = "u-1",
                ["kind"] = new JsonObject { ["group"] = "networking.k8s.io", ["version"] = "v1", ["kind"] = "Ingress" },
                ["operation"] = "CREATE",
                ["object"] = ingress,
            },
        };
        using var answer = await client.PostAsJsonAsync("/validate-ingress", review, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return JsonNode.Parse(body)!["response"]!.AsObject();
    }
}
