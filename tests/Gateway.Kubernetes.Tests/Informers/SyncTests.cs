using Gateway.Configuration.Manifests;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Informers;
using Gateway.Kubernetes.Tests.Harness;
using Gateway.Testing.ApiServer;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>What the source hands over, first all at once and then change by change.</summary>
public sealed class SyncTests
{
    private static readonly string Everything = Yaml.All(
        Yaml.Namespace("demo"),
        """
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
        spec: {controller: k8s.io/ingress-nginx}
        """,
        """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: full
          namespace: demo
          labels: {team: a}
          annotations: {nginx.ingress.kubernetes.io/ssl-redirect: "false", example.com/note: "unused"}
        spec:
          ingressClassName: nginx
          defaultBackend: {service: {name: web, port: {name: http}}}
          tls:
          - {hosts: [a.example, "*.b.example"], secretName: shop-tls}
          - {hosts: [c.example]}
          rules:
          - host: a.example
            http:
              paths:
              - {path: /exact, pathType: Exact, backend: {service: {name: web, port: {number: 80}}}}
              - {path: /prefix, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}
              - {pathType: ImplementationSpecific, backend: {resource: {kind: Bucket, name: b, apiGroup: example.com}}}
          - host: "*.b.example"
        """,
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: demo}
        spec:
          externalIPs: [192.0.2.7]
          ports:
          - {name: http, port: 80, targetPort: named, appProtocol: kubernetes.io/h2c}
          - {name: dns, port: 53, targetPort: 5353, protocol: UDP}
        """,
        """
        apiVersion: v1
        kind: Service
        metadata: {name: elsewhere, namespace: demo}
        spec: {type: ExternalName, externalName: example.com}
        """,
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, namespace: demo, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        ports: [{name: http, port: 8080}, {name: dns, port: 5353, protocol: UDP}]
        endpoints:
        - {addresses: [10.0.0.1], conditions: {ready: true}, zone: a, targetRef: {kind: Pod, name: web-1, namespace: demo}}
        - {addresses: [10.0.0.2], conditions: {ready: false, serving: true, terminating: true}}
        - {addresses: [10.0.0.3]}
        """,
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: orphan, namespace: demo}
        addressType: IPv6
        ports: []
        endpoints: []
        """,
        Yaml.Secret("shop-tls"),
        Yaml.ConfigMap("settings"));

    private static readonly KubernetesSourceOptions WithSettings = new() { Translation = new() { ConfigMap = new ObjectName("demo", "settings") } };

    [Fact]
    public async Task An_object_means_the_same_in_a_cluster_as_in_a_folder()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Everything);
        await using var source = await RunningSource.StartSyncedAsync(cluster, WithSettings);

        var read = ManifestReader.Read("everything.yaml", Everything).Objects;
        Assert.Empty(read.SelectMany(item => item.Diagnostics));
        var written = read.Select(item => item.Resource!).ToDictionary(resource => resource.Key);
        Assert.Equal(8, written.Count);
        foreach (var (key, resource) in written)
            Assert.Equal(resource, Plain(source.Objects[key]));
        // A real cluster has objects of its own.
        Assert.All(source.Objects.Keys.Where(key => key.Name.Namespace == "demo"), key => Assert.Contains(key, written));
        Assert.NotNull(source.Ingress("full")!.CreatedAt);
        Assert.Empty(source.Diagnostics);

        static Resource Plain(Resource resource) => resource is IngressResource ingress ? ingress with { CreatedAt = null } : resource;
    }

    [Fact]
    public async Task The_first_batch_holds_everything_and_says_so()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Everything);
        await using var source = await RunningSource.StartSyncedAsync(cluster, WithSettings);

        var first = source.Updates.First();
        Assert.True(first.Synced);
        Assert.True(first.Changes.Count >= 8);
        Assert.True(source.Source.Status.Synced);
        Assert.All(source.Source.Status.Kinds, kind => Assert.Equal((true, 1L), (kind.Synced, kind.Lists)));
    }

    [Fact]
    public async Task An_empty_cluster_is_synced_too()
    {
        await using var cluster = await Cluster.StartAsync();
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        Assert.DoesNotContain(source.Objects.Keys, key => key.Kind == ResourceKind.Ingress);
    }

    [Fact]
    public async Task Changes_follow_one_another()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Yaml.Namespace("demo"));
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        await cluster.ApplyAsync(Yaml.Ingress("web"));
        await source.UntilAsync(() => source.Ingress("web") is not null);
        var ingress = (await cluster.GetAsync<V1Ingress>("demo", "web"))!;
        ingress.Spec.Rules[0].Host = "b.example";
        await cluster.ReplaceAsync(ingress);
        await source.UntilAsync(() => source.Ingress("web")!.Rules[0].Host == "b.example");
        await cluster.DeleteAsync<V1Ingress>("demo", "web");
        await source.UntilAsync(() => source.Ingress("web") is null);
    }

    [Fact]
    public async Task A_change_of_nothing_that_is_used_makes_no_update()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Everything);
        await using var source = await RunningSource.StartSyncedAsync(cluster, WithSettings);
        var events = source.StatusOf("Ingress").Events;
        var updates = source.Updates.Count;

        var ingress = (await cluster.GetAsync<V1Ingress>("demo", "full"))!;
        ingress.Metadata.Labels["team"] = "b";
        ingress.Metadata.Annotations["example.com/note"] = "changed";
        await cluster.ReplaceAsync(ingress);
        await source.UntilAsync(() => source.StatusOf("Ingress").Events == events + 1);
        await cluster.ApplyAsync(Yaml.Service("marker"));
        await source.UntilAsync(() => source.Objects.ContainsKey(new ResourceKey(ResourceKind.Service, new ObjectName("demo", "marker"))));

        Assert.Equal([ResourceKind.Service], source.Updates.Skip(updates).SelectMany(update => update.Changes).Select(change => change.Key.Kind));
    }

    [Fact]
    public async Task Other_config_maps_are_not_read()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Yaml.All(Yaml.Namespace("demo"), Yaml.ConfigMap("settings"), Yaml.ConfigMap("other")));
        await using var source = await RunningSource.StartSyncedAsync(cluster, WithSettings);

        Assert.Equal(["settings"], source.Objects.Keys.Where(key => key.Kind == ResourceKind.ConfigMap).Select(key => key.Name.Name));
    }

    [Fact]
    public async Task More_objects_than_a_page_holds_are_all_listed()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        for (var i = 0; i < 1201; i++)
            api.Apply(Yaml.Service($"web-{i}"));
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        Assert.Equal(1201, source.Objects.Count);
        Assert.Equal(1201, source.StatusOf("Service").Objects);
        var pages = api.Calls.Where(call => call is { Verb: "list", Resource: "services" }).ToArray();
        Assert.Equal(3, pages.Length);
        Assert.All(pages, page => Assert.Equal("500", System.Web.HttpUtility.ParseQueryString(page.Query)["limit"]));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(0)]
    [InlineData(410)]
    public async Task A_page_that_fails_midway_is_no_end(int status)
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        for (var i = 0; i < 1201; i++)
            api.Apply(Yaml.Service($"web-{i}"));
        if (status == 410)
        {
            api.Faults.ExpireContinue = true;
            api.Faults.Before = call =>
            {
                // The second list, whose first page is the third request, is let through.
                api.Faults.ExpireContinue &= api.Calls.Count(c => c is { Verb: "list", Resource: "services" }) < 3;
                return Task.CompletedTask;
            };
        }
        else
        {
            api.Faults.FailPage(2, status, "services");
        }
        await using var source = await RunningSource.StartSyncedAsync(cluster);

        Assert.Equal(1201, source.Objects.Count);
        Assert.Equal(1, source.StatusOf("Service").Lists);
        Assert.Equal(1, source.StatusOf("Service").Errors);
    }

    [Fact]
    public async Task A_page_that_freezes_midway_is_asked_for_again_after_a_minute()
    {
        var clock = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(new ApiServerOptions { Time = clock });
        var api = cluster.RequireDouble();
        api.Apply(Yaml.Service("web"));
        api.Faults.FreezePage(1, "services");
        await using var source = RunningSource.Start(cluster, clock: clock);
        await source.UntilAsync(() => source.Source.Status.Kinds.Where(kind => kind.Name != "Service").All(kind => kind.Synced));

        var began = clock.GetUtcNow();
        await source.UntilAsync(() => source.StatusOf("Service").Errors == 1, TimeSpan.FromMilliseconds(500));
        Assert.InRange(clock.GetUtcNow() - began, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(90));
        await source.UntilAsync(() => source.IsSynced);
        Assert.Single(source.Objects);
    }

    [Fact]
    public async Task Nothing_is_handed_over_before_everything_is_listed()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        await cluster.ApplyAsync(Everything);
        var release = new TaskCompletionSource();
        api.Faults.Before = call => call.Resource == "endpointslices" ? release.Task : Task.CompletedTask;
        await using var source = RunningSource.Start(cluster, WithSettings);

        await source.UntilAsync(() => source.Source.Status.Kinds.Where(kind => kind.Name != "EndpointSlice").All(kind => kind.Synced));
        Assert.False(source.IsSynced);
        Assert.Empty(source.Objects);
        release.SetResult();
        await source.UntilAsync(() => source.IsSynced);
        Assert.Equal(8, source.Updates.First().Changes.Count);
    }
}
