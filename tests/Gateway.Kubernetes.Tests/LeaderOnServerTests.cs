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
using Gateway.Kubernetes.Tests.Harness;
using Gateway.Testing.ApiServer;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Kubernetes.Tests;

/// <summary>What the leader reads and writes, over real connections, with no more rights than it needs, judged by the server.</summary>
public sealed class LeaderOnServerTests : IAsyncLifetime
{
    private const string Objects = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: gw}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: gateway, namespace: gw}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: gateway, namespace: gw}
        rules:
        - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, update]}
        - {apiGroups: [""], resources: [pods], verbs: [get, list]}
        - {apiGroups: [""], resources: [secrets], verbs: [get, create, update]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: gateway, namespace: gw}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gateway}
        subjects:
        - {kind: ServiceAccount, name: gateway, namespace: gw}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: gateway}
        rules:
        - {apiGroups: [networking.k8s.io], resources: [ingresses, ingressclasses], verbs: [get, list, watch]}
        - {apiGroups: [networking.k8s.io], resources: [ingresses/status], verbs: [patch]}
        - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch]}
        - {apiGroups: [""], resources: [services, secrets], verbs: [get, list, watch]}
        - {apiGroups: [""], resources: [nodes], verbs: [get]}
        - {apiGroups: [events.k8s.io], resources: [events], verbs: [create, patch]}
        - {apiGroups: [admissionregistration.k8s.io], resources: [validatingwebhookconfigurations], verbs: [get, patch]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: gateway}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: gateway}
        subjects:
        - {kind: ServiceAccount, name: gateway, namespace: gw}
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: shop}
        spec:
          ingressClassName: gw
          defaultBackend: {service: {name: web, port: {number: 80}}}
        """;

    private static readonly ObjectName Web = new("shop", "web");
    private static readonly TimeProvider Time = TimeProvider.System;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<ApiClient> _clients = [];
    private readonly List<Task> _running = [];
    private Cluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await Cluster.StartAsync(new ApiServerOptions { Rbac = true });
        await _cluster.ApplyAsync(Objects);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        foreach (var client in _clients)
            client.Dispose();
        await _cluster.DisposeAsync();
        _stop.Dispose();
    }

    private async Task<ApiClient> NewClientAsync()
    {
        var configuration = await _cluster.ConfigurationOfAsync("gw", "gateway");
        var client = new ApiClient(() => configuration, Time);
        _clients.Add(client);
        return client;
    }

    private async Task<V1Ingress> WebAsync() => (await _cluster.GetAsync<V1Ingress>("shop", "web"))!;

    private async Task<string> AddressesAsync() => string.Join(
        ' ', ((await WebAsync()).Status?.LoadBalancer?.Ingress ?? []).Select(entry => $"{entry.Ip}{entry.Hostname}"));

    [Fact]
    public async Task Leadership_passes_from_the_replica_that_stops_to_the_other()
    {
        using var stopFirst = new CancellationTokenSource();
        var (first, second) = (await NewElectorAsync("a"), await NewElectorAsync("b"));
        var firstEnded = first.RunAsync(Lead, stopFirst.Token);
        await Wait.UntilAsync(() => first.IsLeader);
        _running.Add(second.RunAsync(Lead, _stop.Token));
        await Wait.UntilAsync(() => second.Leader == "a");

        await stopFirst.CancelAsync();
        await firstEnded;
        await Wait.UntilAsync(() => second.IsLeader);
        Assert.False(first.IsLeader);
        var lease = (await _cluster.GetAsync<V1Lease>("gw", "gateway-leader"))!;
        Assert.Equal(("b", 1, 10), (lease.Spec.HolderIdentity, lease.Spec.LeaseTransitions, lease.Spec.LeaseDurationSeconds));

        async Task<LeaderElector> NewElectorAsync(string identity) => new(
            await NewClientAsync(), new LeaseOptions(new ObjectName("gw", "gateway-leader"), identity) { RenewInterval = TimeSpan.FromMilliseconds(200) },
            Time, NullLogger.Instance);
        static async Task Lead(CancellationToken leading) => await Time.PauseAsync(Timeout.InfiniteTimeSpan, leading);
    }

    [Fact]
    public async Task A_status_is_written_read_again_after_a_conflict_and_removed()
    {
        var stale = await WebAsync();
        stale.Metadata.Labels = new Dictionary<string, string> { ["edited"] = "meanwhile" };
        await _cluster.ReplaceAsync(stale);
        var (client, view) = (await NewClientAsync(), new IngressStatusView());
        view.Observe(Web, new IngressStatus(stale.Uid(), stale.ResourceVersion(), []));
        view.Apply(new ConfigurationDelta { Settings = GatewaySettings.Default, Ingresses = [new ServedIngress(Web, "gw", "gateway.yarp/ingress-controller")] });
        var writer = new StatusWriter(
            client, view, new StatusAddresses(client, new StatusAddressOptions { Addresses = ["192.0.2.1", "lb.example"] }, NullLogger.Instance),
            new StatusOptions(), _ => { }, Time, NullLogger.Instance);
        using var leading = new CancellationTokenSource();
        var led = writer.RunAsync(leading.Token);

        await Wait.UntilAsync(async () => await AddressesAsync() == "192.0.2.1 lb.example");
        await Wait.UntilAsync(() => Task.FromResult(view.Find(Web).Status!.Addresses.Count == 2));
        await leading.CancelAsync();
        await led;
        Assert.Equal(1, await writer.RemoveAllAsync(TestContext.Current.CancellationToken));
        Assert.Equal("", await AddressesAsync());
        Assert.Equal("meanwhile", (await WebAsync()).Metadata.Labels["edited"]);
        if (_cluster.Double is { } server)
        {
            Assert.Equal(
                ["409 patch ingresses/status", "200 get ingresses", "200 patch ingresses/status", "200 patch ingresses/status"],
                server.Calls.Where(call => call.UserAgent.StartsWith("gateway/", StringComparison.Ordinal)).Select(call => $"{call.Status} {call.Verb} {call.Target}"));
        }
    }

    [Fact]
    public async Task A_thousand_Ingresses_cost_a_thousand_status_writes_and_none_of_them_is_news_to_the_control_loop()
    {
        var server = _cluster.RequireDouble();
        server.Delete("Ingress", "shop", "web");
        server.Apply(
            """
            apiVersion: networking.k8s.io/v1
            kind: IngressClass
            metadata: {name: gw}
            spec: {controller: gateway.yarp/ingress-controller}
            """);
        var view = new IngressStatusView();
        var source = new KubernetesSource(await NewClientAsync(), new KubernetesSourceOptions(), Time, NullLogger<KubernetesSource>.Instance, view);
        var translator = new ConfigurationTranslator(new TranslationOptions(), new DiagnosticLog());
        var changes = 0;
        _running.Add(FollowAsync());
        var client = await NewClientAsync();
        var writer = new StatusWriter(
            client, view, new StatusAddresses(client, new StatusAddressOptions { Addresses = ["192.0.2.1"] }, NullLogger.Instance),
            new StatusOptions { WritesPerSecond = 100_000, Burst = 1000 }, _ => { }, Time, NullLogger.Instance);
        _running.Add(writer.RunAsync(_stop.Token));

        const int Count = 1000;
        for (var i = 0; i < Count; i++)
        {
            server.Put(JsonNode.Parse(
                $$$"""
                {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": "shop", "name": "web-{{{i}}}"},
                 "spec": {"ingressClassName": "gw", "defaultBackend": {"service": {"name": "web", "port": {"number": 80} } } } }
                """)!.AsObject());
        }
        await Wait.UntilAsync(() => server.List("Ingress").All(ingress => ingress["status"]!["loadBalancer"]!["ingress"] is not null), TimeSpan.FromSeconds(30));
        // The last one's echo has come when what is put after it has.
        server.Put(JsonNode.Parse(
            """
            {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": "shop", "name": "foreign"},
             "spec": {"ingressClassName": "foreign", "defaultBackend": {"service": {"name": "web", "port": {"number": 80} } } } }
            """)!.AsObject());
        await Wait.UntilAsync(() => Volatile.Read(ref changes) > Count);

        Assert.Equal(Count + 1, changes);
        Assert.Equal(Count, server.Calls.Count(call => call.Verb == "patch"));
        Assert.All(server.Calls.Where(call => call.Verb == "patch"), call => Assert.Equal(200, call.Status));

        async Task FollowAsync()
        {
            try
            {
                await foreach (var update in source.WatchAsync(_stop.Token))
                {
                    Interlocked.Add(ref changes, update.Changes.Count(change => change.Key.Kind == ResourceKind.Ingress));
                    view.Apply(translator.Apply(update.Changes, Time.GetUtcNow()));
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
        var diagnostic = new Diagnostic(DiagnosticSeverity.Warning, new ResourceKey(ResourceKind.Ingress, Web), "spec", "x", "something is wrong", "Do something");
        for (var leader = 1; leader <= 2; leader++)
        {
            var diagnostics = new DiagnosticLog();
            var recorder = new EventRecorder(
                await NewClientAsync(), diagnostics, new IngressStatusView(), new EventOptions($"pod-{leader}") { SeriesInterval = TimeSpan.FromMilliseconds(50) },
                Time, NullLogger.Instance);
            using var leading = new CancellationTokenSource();
            var led = recorder.RunAsync(leading.Token);
            for (var i = 0; i < 3; i++)
                diagnostics.Replace($"scope-{i}", [diagnostic]);
            await Wait.UntilAsync(async () => await EventsAsync() is [{ Series: { } series }] && series.Count == 3 * leader);
            await leading.CancelAsync();
            await led;
            Assert.Equal(0, recorder.Dropped);
        }

        var told = Assert.Single(await EventsAsync());
        Assert.Equal(diagnostic.ToString(), told.Note);
        Assert.Equal(((await WebAsync()).Uid(), "pod-1"), (told.Regarding.Uid, told.ReportingInstance));

        async Task<IList<Eventsv1Event>> EventsAsync() =>
            (await _cluster.Client.EventsV1.ListNamespacedEventAsync("shop", cancellationToken: TestContext.Current.CancellationToken)).Items;
    }

    [Fact]
    public async Task The_webhooks_Secret_and_configuration_are_accepted()
    {
        await _cluster.ApplyAsync(
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: {name: gateway}
            webhooks:
            - name: validate.gateway.example.com
              clientConfig: {service: {namespace: gw, name: gateway-admission, path: /validate}}
              rules:
              - {operations: [CREATE, UPDATE], apiGroups: [networking.k8s.io], apiVersions: [v1], resources: [ingresses]}
              failurePolicy: Ignore
              sideEffects: None
              admissionReviewVersions: [v1]
            """);
        var options = new WebhookOptions(new ObjectName("gw", "gateway-webhook"), "gateway");
        var certificate = new WebhookCertificate(await NewClientAsync(), options.Secret, Time, NullLogger.Instance);
        _running.Add(new WebhookCertificateIssuer(await NewClientAsync(), options, Time, NullLogger.Instance).RunAsync(_stop.Token));
        await Wait.UntilAsync(async () => (await ClientConfigAsync()).CaBundle is { Length: > 0 });
        _running.Add(certificate.RunAsync(_stop.Token));
        await Wait.UntilAsync(() => certificate.Current is not null);

        Assert.True(certificate.Current!.MatchesHostname("gateway-admission.gw.svc"));
        var secret = (await _cluster.GetAsync<V1Secret>("gw", "gateway-webhook"))!;
        Assert.Equal("kubernetes.io/tls", secret.Type);
        Assert.Equal(secret.Data["ca.crt"], (await ClientConfigAsync()).CaBundle);
        Assert.Equal("/validate", (await ClientConfigAsync()).Service.Path);

        async Task<Admissionregistrationv1WebhookClientConfig> ClientConfigAsync() =>
            (await _cluster.GetAsync<V1ValidatingWebhookConfiguration>(null, "gateway"))!.Webhooks[0].ClientConfig;
    }

    [Fact]
    public async Task Without_a_flag_the_nodes_of_the_pods_are_found()
    {
        var server = _cluster.RequireDouble();
        server.Apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: gateway-1, namespace: gw, labels: {app: gateway}}
            spec: {nodeName: node-1, containers: [{name: gateway, image: gateway}]}
            status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
            ---
            apiVersion: v1
            kind: Node
            metadata: {name: node-1}
            status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}
            """);
        var client = await NewClientAsync();
        var addresses = new StatusAddresses(client, new StatusAddressOptions { Pod = new ObjectName("gw", "gateway-1") }, NullLogger.Instance);

        Assert.Equal([new LoadBalancerAddress("10.0.0.1")], (await addresses.ReadAsync(TestContext.Current.CancellationToken))!.Value);
        Assert.True(await new GatewayPods(client, new ObjectName("gw", "gateway-1")).IsLastAsync(TestContext.Current.CancellationToken));
    }
}
