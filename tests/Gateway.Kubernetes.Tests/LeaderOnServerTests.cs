using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Kubernetes.Admission;
using Gateway.Kubernetes.Api;
using Gateway.Kubernetes.Events;
using Gateway.Kubernetes.Informers;
using Gateway.Kubernetes.Leasing;
using Gateway.Kubernetes.Status;
using Gateway.Testing.ApiServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Kubernetes.Tests;

/// <summary>What the leader writes, over real connections to a server that judges it as a real one does.</summary>
public sealed class LeaderOnServerTests : IAsyncLifetime
{
    private static readonly ObjectName Web = new("shop", "web");

    private readonly CancellationTokenSource _stop = new();
    private readonly List<ApiClient> _clients = [];
    private readonly List<Task> _running = [];
    private ApiServer _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiServer.StartAsync();
        _api.Apply(
            """
            kind: Namespace
            metadata: {name: gw}
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        foreach (var client in _clients)
            client.Dispose();
        await _api.DisposeAsync();
        _stop.Dispose();
    }

    private ApiClient NewClient()
    {
        var client = new ApiClient(new HttpMessageInvoker(new SocketsHttpHandler()), _api.Address);
        _clients.Add(client);
        return client;
    }

    private static async Task Until(Func<bool> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"waited in vain for: {what}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private JsonObject PutIngress(string address) => _api.Put(JsonNode.Parse(
        $$$"""
        {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": "shop", "name": "web"},
         "spec": {"ingressClassName": "gw", "defaultBackend": {"service": {"name": "web", "port": {"number": 80} } } },
         "status": {"loadBalancer": {"ingress": [{"ip": "{{{address}}}"}] } } }
        """)!.AsObject());

    private string Status() => _api.Get("Ingress", "shop", "web")!["status"]!.ToJsonString();

    [Fact]
    public async Task Leadership_passes_from_the_replica_that_stops_to_the_other()
    {
        using var stopFirst = new CancellationTokenSource();
        var (first, second) = (NewElector("a"), NewElector("b"));
        var firstEnded = first.RunAsync(Lead, stopFirst.Token);
        await Until(() => first.IsLeader, "a leads");
        _running.Add(second.RunAsync(Lead, _stop.Token));
        await Until(() => second.Leader == "a", "b sees a");

        await stopFirst.CancelAsync();
        await firstEnded;
        await Until(() => second.IsLeader, "b leads");
        Assert.False(first.IsLeader);
        var spec = _api.Get("Lease", "gw", "gateway-leader")!["spec"]!;
        Assert.Equal("b", (string?)spec["holderIdentity"]);
        Assert.Equal(1, (int)spec["leaseTransitions"]!);

        LeaderElector NewElector(string identity) => new(
            NewClient(), new LeaseOptions(new ObjectName("gw", "gateway-leader"), identity) { RenewInterval = TimeSpan.FromMilliseconds(100) },
            TimeProvider.System, NullLogger.Instance);
        static async Task Lead(CancellationToken leading) => await TimeProvider.System.PauseAsync(Timeout.InfiniteTimeSpan, leading);
    }

    [Fact]
    public async Task A_status_is_written_read_again_after_a_conflict_and_removed()
    {
        var stale = IngressStatus.Read(JsonSerializer.SerializeToElement(PutIngress("198.51.100.1")));
        PutIngress("198.51.100.2");
        var (client, view) = (NewClient(), new IngressStatusView());
        view.Observe(Web, stale);
        view.Apply(new ConfigurationDelta { Settings = GatewaySettings.Default, Ingresses = [new ServedIngress(Web, "gw", "gateway.yarp/ingress-controller")] });
        var writer = new StatusWriter(
            client, view, new StatusAddresses(client, new StatusAddressOptions { Addresses = ["192.0.2.1", "lb.example"] }, NullLogger.Instance),
            new StatusOptions(), _ => { }, TimeProvider.System, NullLogger.Instance);
        using var leading = new CancellationTokenSource();
        var led = writer.RunAsync(leading.Token);

        await Until(() => Status() == """{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"},{"hostname":"lb.example"}]}}""", "written");
        await leading.CancelAsync();
        await led;
        Assert.Equal(1, await writer.RemoveAllAsync(TestContext.Current.CancellationToken));
        Assert.Equal("""{"loadBalancer":{}}""", Status());
        Assert.Equal(
            ["409 patch ingresses/status", "200 get ingresses", "200 patch ingresses/status", "200 patch ingresses/status"],
            _api.Calls.Select(call => $"{call.Status} {call.Verb} {call.Target}"));
    }

    [Fact]
    public async Task A_thousand_Ingresses_cost_a_thousand_status_writes_and_none_of_them_is_news_to_the_control_loop()
    {
        _api.Apply(
            """
            apiVersion: networking.k8s.io/v1
            kind: IngressClass
            metadata: {name: gw}
            spec: {controller: gateway.yarp/ingress-controller}
            """);
        var (view, time) = (new IngressStatusView(), TimeProvider.System);
        var source = new KubernetesSource(NewClient(), new KubernetesSourceOptions(), view, time, NullLogger<KubernetesSource>.Instance);
        var translator = new ConfigurationTranslator(new TranslationOptions(), new DiagnosticLog());
        var changes = 0;
        _running.Add(FollowAsync());
        var client = NewClient();
        var writer = new StatusWriter(
            client, view, new StatusAddresses(client, new StatusAddressOptions { Addresses = ["192.0.2.1"] }, NullLogger.Instance),
            new StatusOptions { WritesPerSecond = 100_000, Burst = 1000 }, _ => { }, time, NullLogger.Instance);
        _running.Add(writer.RunAsync(_stop.Token));

        const int Count = 1000;
        for (var i = 0; i < Count; i++)
        {
            _api.Put(JsonNode.Parse(
                $$$"""
                {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": "shop", "name": "web-{{{i}}}"},
                 "spec": {"ingressClassName": "gw", "defaultBackend": {"service": {"name": "web", "port": {"number": 80} } } } }
                """)!.AsObject());
        }
        await Until(() => _api.List("Ingress").All(ingress => ingress["status"]!["loadBalancer"]!["ingress"] is not null), "all written");
        // The last one's echo has come when what is put after it has.
        _api.Put(JsonNode.Parse(
            """
            {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": "shop", "name": "foreign"},
             "spec": {"ingressClassName": "foreign", "defaultBackend": {"service": {"name": "web", "port": {"number": 80} } } } }
            """)!.AsObject());
        await Until(() => Volatile.Read(ref changes) > Count, "the last");

        Assert.Equal(Count + 1, changes);
        Assert.Equal(Count, _api.Calls.Count(call => call.Verb == "patch"));
        Assert.All(_api.Calls.Where(call => call.Verb == "patch"), call => Assert.Equal(200, call.Status));

        async Task FollowAsync()
        {
            try
            {
                await foreach (var update in source.WatchAsync(_stop.Token))
                {
                    Interlocked.Add(ref changes, update.Changes.Count(change => change.Key.Kind == ResourceKind.Ingress));
                    view.Apply(translator.Apply(update.Changes, time.GetUtcNow()));
                }
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    [Fact]
    public async Task Events_are_accepted_counted_and_found_again_by_the_next_leader()
    {
        PutIngress("192.0.2.1");
        var diagnostic = new Diagnostic(DiagnosticSeverity.Warning, new ResourceKey(ResourceKind.Ingress, Web), "spec", "x", "something is wrong", "Do something");
        for (var leader = 1; leader <= 2; leader++)
        {
            var diagnostics = new DiagnosticLog();
            var recorder = new EventRecorder(
                NewClient(), diagnostics, new IngressStatusView(), new EventOptions($"pod-{leader}") { SeriesInterval = TimeSpan.FromMilliseconds(50) },
                TimeProvider.System, NullLogger.Instance);
            using var leading = new CancellationTokenSource();
            var led = recorder.RunAsync(leading.Token);
            for (var i = 0; i < 3; i++)
            {
                diagnostics.Replace("scope", [diagnostic]);
                diagnostics.Replace("scope", []);
            }
            await Until(() => _api.List("Event") is [var told] && (int?)told["series"]?["count"] == 3 * leader, $"{3 * leader} occurrences");
            await leading.CancelAsync();
            await led;
            Assert.Equal(0, recorder.Dropped);
        }

        var written = Assert.Single(_api.List("Event"));
        Assert.Equal(diagnostic.ToString(), (string?)written["note"]);
        Assert.Equal((string?)_api.Get("Ingress", "shop", "web")!["metadata"]!["uid"], (string?)written["regarding"]!["uid"]);
    }

    [Fact]
    public async Task The_webhooks_Secret_and_configuration_are_accepted()
    {
        _api.Apply(
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: {name: gateway}
            webhooks:
            - name: validate.gateway.example.com
              clientConfig: {service: {namespace: gw, name: gateway-admission, path: /validate}}
              rules: [{operations: [CREATE, UPDATE], apiGroups: [networking.k8s.io], apiVersions: [v1], resources: [ingresses]}]
              sideEffects: None
              admissionReviewVersions: [v1]
            """);
        var options = new WebhookOptions(new ObjectName("gw", "gateway-webhook"), "gateway-admission", "gateway");
        var certificate = new WebhookCertificate(NewClient(), options, TimeProvider.System, NullLogger.Instance);
        _running.Add(new WebhookCertificateIssuer(NewClient(), options, TimeProvider.System, NullLogger.Instance).RunAsync(_stop.Token));
        await Until(() => _api.Get("ValidatingWebhookConfiguration", null, "gateway")!["webhooks"]![0]!["clientConfig"]!["caBundle"] is not null, "trusted");
        _running.Add(certificate.RunAsync(_stop.Token));
        await Until(() => certificate.Current is not null, "read");

        Assert.Equal("kubernetes.io/tls", (string?)_api.Get("Secret", "gw", "gateway-webhook")!["type"]);
        Assert.Equal("/validate", (string?)_api.Get("ValidatingWebhookConfiguration", null, "gateway")!["webhooks"]![0]!["clientConfig"]!["service"]!["path"]);
    }
}
