using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>The tools that most clusters have beside an ingress controller, with the objects as they write them.</summary>
public sealed class NeighbourTests(NeighbourTests.Cluster cluster) : IClassFixture<NeighbourTests.Cluster>
{
    /// <summary>A gateway whose address is published.</summary>
    public sealed class Cluster : ClusterFixture
    {
        /// <inheritdoc/>
        protected override string[] Options => ["--publish-status-address", "203.0.113.9"];
    }

    /// <summary>cert-manager's HTTP-01 solver: an Ingress of its own for one exact path, without TLS, beside the one that it gets a certificate for.</summary>
    [Fact]
    public async Task cert_manager_has_its_challenge_answered_over_plain_http_and_its_renewed_certificate_served()
    {
        var authority = new TestAuthority();
        var first = authority.Issue("shop.test");
        cluster.Api.Apply(
            ClusterYaml.Ingress("shop", "shop.test", "web", "/shop", spec: """tls: [{hosts: ["shop.test"], secretName: shop-tls}]""")
            + InDefault(TlsYaml.Secret("shop-tls", first)));
        await cluster.BecomesAsync("http://shop.test/shop", answer => answer.Status == HttpStatusCode.PermanentRedirect);
        await cluster.AddBackendAsync("cm-acme-http-solver-9xk2p", EchoBackend.StartAsync("solver"));

        // A host that is served with TLS already, and one that waits for its first certificate.
        foreach (var host in (string[])["shop.test", "new.test"])
        {
            cluster.Api.Apply(Solver(host));
            var url = $"http://{host}/.well-known/acme-challenge/8n1Kx0o3Yb-uJ";
            await cluster.BecomesAsync(url, answer => answer.From == "solver");
            cluster.Api.Delete("Ingress", "default", "cm-acme-http-solver-w7l2c");
            var after = await cluster.BecomesAsync(url, answer => answer.From != "solver");
            if (after.Status == HttpStatusCode.PermanentRedirect) // as every other path of a host with TLS
                after = await cluster.GetAsync(url.Replace("http:", "https:", StringComparison.Ordinal));
            Assert.Equal(HttpStatusCode.NotFound, after.Status);
        }

        var renewed = authority.Issue("shop.test");
        cluster.Api.Apply(InDefault(TlsYaml.Secret("shop-tls", renewed)));
        await Eventually.IsAsync(
            () => TlsClient.SerialNumberAsync(cluster.Gateway.HttpsPort, "shop.test"), serial => serial == renewed.SerialNumber);
    }

    /// <summary>external-dns reads the status and makes records of it: it must not flap.</summary>
    [Fact]
    public async Task external_dns_sees_a_status_that_does_not_change()
    {
        cluster.Api.Apply(ClusterYaml.Ingress("dns", "dns.test", "web"));
        var written = await Eventually.IsAsync(() => Task.FromResult(cluster.Api.Get("Ingress", "default", "dns")!), ingress => ingress.Address() == "203.0.113.9");

        // Each change makes the controller look at the Ingress again.
        for (var i = 0; i < 100; i++)
        {
            cluster.Api.Apply(ClusterYaml.Ingress("dns-other", $"dns-{i}.test", "web"));
            var host = $"http://dns-{i}.test/";
            await cluster.BecomesAsync(host, answer => answer.Status == HttpStatusCode.OK);
        }

        var after = cluster.Api.Get("Ingress", "default", "dns")!;
        Assert.Equal((string?)written["metadata"]!["resourceVersion"], (string?)after["metadata"]!["resourceVersion"]);
    }

    /// <summary>Argo Rollouts and Flagger keep a second Ingress with canary annotations, and set its weight all the time.</summary>
    [Theory]
    [InlineData("rollout-web-canary")] // Argo Rollouts
    [InlineData("flagger-web-canary")]
    public async Task A_canary_of_a_rollout_leaves_the_primary_alone_and_is_no_conflict(string name)
    {
        var host = $"{name}.test";
        await cluster.AddBackendAsync($"{name}-svc", EchoBackend.StartAsync("canary"));
        cluster.Api.Apply(ClusterYaml.Ingress($"{name}-primary", host, "web"));
        await cluster.BecomesAsync($"http://{host}/", answer => answer.From == "web");

        for (var weight = 0; weight <= 100; weight += 5)
        {
            cluster.Api.Apply(ClusterYaml.Ingress(
                name, host, $"{name}-svc", annotations: $$"""{nginx.ingress.kubernetes.io/canary: "true", nginx.ingress.kubernetes.io/canary-weight: "{{weight}}"}"""));
            // Served after the edit, so this is what holds with it.
            cluster.Api.Apply(ClusterYaml.Ingress($"{name}-mark", $"mark-{weight}.{host}", "web"));
            await cluster.BecomesAsync($"http://mark-{weight}.{host}/", answer => answer.Status == HttpStatusCode.OK);
            Assert.Equal("web", (await cluster.GetAsync($"http://{host}/")).From);
        }

        var told = await ReportedDiagnostic.ReadAsync(cluster.Gateway);
        Assert.DoesNotContain(told, one => one.Object == $"Ingress default/{name}-primary");
        Assert.DoesNotContain(told, one => one.Object == $"Ingress default/{name}" && one.Problem.Contains("belongs to", StringComparison.Ordinal));
    }

    private static string Solver(string host) => $$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: cm-acme-http-solver-w7l2c
          namespace: default
          annotations:
            nginx.ingress.kubernetes.io/whitelist-source-range: 0.0.0.0/0,::/0
          labels:
            acme.cert-manager.io/http-domain: "728394655"
            acme.cert-manager.io/http-token: "1102938475"
            acme.cert-manager.io/http01-solver: "true"
        spec:
          ingressClassName: nginx
          rules:
          - host: {{host}}
            http:
              paths:
              - path: /.well-known/acme-challenge/8n1Kx0o3Yb-uJ
                pathType: ImplementationSpecific
                backend:
                  service:
                    name: cm-acme-http-solver-9xk2p
                    port:
                      number: 80
        """;

    private static string InDefault(string yaml) => yaml.Replace("metadata:\n", "metadata:\n  namespace: default\n", StringComparison.Ordinal);
}
