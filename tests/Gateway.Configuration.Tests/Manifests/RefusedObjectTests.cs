using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Manifests;

namespace Gateway.Configuration.Tests.Manifests;

/// <summary>What the API server would refuse, with the field, the line and the problem that the author is told.</summary>
public sealed class RefusedObjectTests
{
    private const string Ingress = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: web
        spec:
          rules:
          - host: a.example
            http:
              paths:
              - path: /
                pathType: Prefix
                backend:
                  service:
                    name: web
                    port:
                      number: 80
        """;

    private const string Service = """
        apiVersion: v1
        kind: Service
        metadata:
          name: web
        spec:
          type: ClusterIP
          ports:
          - name: http
            port: 80
            targetPort: 8080
          - name: admin
            port: 81
        """;

    private const string Slice = """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: web-1
        addressType: IPv4
        ports:
        - name: http
          port: 8080
        - name: admin
          port: 8081
        endpoints:
        - addresses:
          - 10.0.0.1
          conditions:
            ready: true
        """;

    private const string Secret = """
        apiVersion: v1
        kind: Secret
        metadata:
          name: cert
        type: kubernetes.io/tls
        data:
          tls.crt: eA==
          tls.key: eA==
        """;

    private const string Class = """
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata:
          name: nginx
        spec:
          controller: k8s.io/ingress-nginx
        """;

    private const string Path = "spec.rules[0].http.paths[0]";
    private const string Backend = Path + ".backend";

    private static string Kind(string kind) => kind switch
    {
        nameof(Ingress) => Ingress,
        nameof(Service) => Service,
        nameof(Slice) => Slice,
        nameof(Secret) => Secret,
        _ => Class,
    };

    private static string Change(string text, string part, string replacement)
    {
        var at = text.IndexOf(part, StringComparison.Ordinal);
        Assert.True(at >= 0, $"\"{part}\" is not in the text");
        return text[..at] + replacement + text[(at + part.Length)..];
    }

    [Theory]
    [InlineData(nameof(Ingress))]
    [InlineData(nameof(Service))]
    [InlineData(nameof(Slice))]
    [InlineData(nameof(Secret))]
    [InlineData(nameof(Class))]
    public void Each_object_is_fine_before_it_is_broken(string kind)
    {
        var found = Assert.Single(Manifest.Read(Kind(kind)).Objects);
        Assert.NotNull(found.Resource);
        Assert.Empty(found.Diagnostics);
    }

    [Theory]
    // Identity
    [InlineData(nameof(Ingress), "name: web", "name: Web", "metadata.name", 4, "not a DNS name")]
    [InlineData(nameof(Ingress), "  name: web", "  generateName: web-", "metadata.name", 4, "required")]
    [InlineData(nameof(Ingress), "metadata:\n  name: web\n", "", "metadata.name", 1, "required")]
    [InlineData(nameof(Ingress), "  name: web", "  name: 12", "metadata.name", 4, "a number, not a string")]
    [InlineData(nameof(Ingress), "metadata:\n  name: web", "metadata: [web]", "metadata", 3, "a list, not a map")]
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  namespace: a.b", "metadata.namespace", 5, "not a DNS label")]
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  creationTimestamp: yesterday", "metadata.creationTimestamp", 5, "not a time")]
    [InlineData(nameof(Service), "  name: web", "  name: web.shop", "metadata.name", 4, "not a DNS label")]
    // Labels and annotations
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  annotations:\n    a/b: true", "metadata.annotations[a/b]", 6, "a boolean, not a string")]
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  annotations:\n    a/b: 10", "metadata.annotations[a/b]", 6, "a number, not a string")]
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  annotations:\n    a/b: off", "metadata.annotations[a/b]", 6, "a boolean, not a string")]
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  annotations:\n    a b: x", "metadata.annotations[a b]", 6, "not a qualified name")]
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  annotations: none", "metadata.annotations", 5, "a string, not a map")]
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  labels:\n    a: b c", "metadata.labels[a]", 6, "not a label value")]
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  labels: { UP.er/a: b }", "metadata.labels[UP.er/a]", 5, "not a qualified name")]
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  annotations:\nspec:\n  rules:", "spec", 8, "there twice")]
    [InlineData(nameof(Ingress), "spec:", "  annotations: { kubernetes.io/ingress.class: a }\nspec:\n  ingressClassName: b", "metadata.annotations", 5, "different classes")]
    [InlineData(nameof(Ingress), "spec:", "spec:\n  ingressClassName: My_Class", "spec.ingressClassName", 6, "not a DNS name")]
    [InlineData(nameof(Ingress), "    http:", "    http:\n    http:", "spec.rules[0].http", 9, "there twice")]
    // Hosts
    [InlineData(nameof(Ingress), "a.example", "A.example", "spec.rules[0].host", 7, "not a host name")]
    [InlineData(nameof(Ingress), "a.example", "a_b.example", "spec.rules[0].host", 7, "not a host name")]
    [InlineData(nameof(Ingress), "a.example", "a.example:80", "spec.rules[0].host", 7, "not a host name")]
    [InlineData(nameof(Ingress), "a.example", "a.example.", "spec.rules[0].host", 7, "not a host name")]
    [InlineData(nameof(Ingress), "a.example", "a..example", "spec.rules[0].host", 7, "not a host name")]
    [InlineData(nameof(Ingress), "a.example", "-a.example", "spec.rules[0].host", 7, "not a host name")]
    [InlineData(nameof(Ingress), "a.example", "'*'", "spec.rules[0].host", 7, "not a host name")]
    [InlineData(nameof(Ingress), "a.example", "'*.*.example'", "spec.rules[0].host", 7, "not a host name")]
    [InlineData(nameof(Ingress), "a.example", "a.*.example", "spec.rules[0].host", 7, "not a host name")]
    [InlineData(nameof(Ingress), "a.example", "münchen.example", "spec.rules[0].host", 7, "not a host name")]
    [InlineData(nameof(Ingress), "a.example", "1.2.3.4", "spec.rules[0].host", 7, "IP address")]
    [InlineData(nameof(Ingress), "a.example", "'fd00::1'", "spec.rules[0].host", 7, "IP address")]
    [InlineData(nameof(Ingress), "  rules:\n", "  rules: 7\n  unused:\n", "spec.rules", 6, "a number, not a list")]
    [InlineData(nameof(Ingress), "a.example", "10", "spec.rules[0].host", 7, "a number, not a string")]
    // Paths
    [InlineData(nameof(Ingress), "path: /", "path: foo", Path + ".path", 10, "does not start with a slash")]
    [InlineData(nameof(Ingress), "path: /", "path: ''", Path + ".path", 10, "required")]
    [InlineData(nameof(Ingress), "path: /", "path: /a//b", Path + ".path", 10, "contains //")]
    [InlineData(nameof(Ingress), "path: /", "path: /a/./b", Path + ".path", 10, "contains /./")]
    [InlineData(nameof(Ingress), "path: /", "path: /a/../b", Path + ".path", 10, "contains /../")]
    [InlineData(nameof(Ingress), "path: /", "path: /a%2Fb", Path + ".path", 10, "contains %2F")]
    [InlineData(nameof(Ingress), "path: /", "path: /a%2fb", Path + ".path", 10, "contains %2f")]
    [InlineData(nameof(Ingress), "path: /", "path: /a/..", Path + ".path", 10, "dot segment")]
    [InlineData(nameof(Ingress), "path: /", "path: [/]", Path + ".path", 10, "a list, not a string")]
    [InlineData(nameof(Ingress), "pathType: Prefix", "pathType: Regex", Path + ".pathType", 11, "not known")]
    [InlineData(nameof(Ingress), "pathType: Prefix", "pathType: prefix", Path + ".pathType", 11, "not known")]
    [InlineData(nameof(Ingress), "        pathType: Prefix\n", "", Path + ".pathType", 10, "required")]
    [InlineData(nameof(Ingress), "          service:", "          nothing:", Path + ".backend", 13, "neither service nor resource")]
    [InlineData(nameof(Ingress), "          service:", "          resource: { kind: A, name: b }\n          service:", Backend, 13, "both given")]
    [InlineData(nameof(Ingress), "        backend:", "        backends:", Backend, 10, "required")]
    [InlineData(nameof(Ingress), "name: web\n            port", "name: Web\n            port", Backend + ".service.name", 14, "not a DNS label")]
    [InlineData(nameof(Ingress), "name: web\n            port", "name: ''\n            port", Backend + ".service.name", 14, "required")]
    [InlineData(nameof(Ingress), "number: 80", "number: 0", Backend + ".service.port.number", 16, "from 1 to 65535")]
    [InlineData(nameof(Ingress), "number: 80", "number: 65536", Backend + ".service.port.number", 16, "from 1 to 65535")]
    [InlineData(nameof(Ingress), "number: 80", "number: -1", Backend + ".service.port.number", 16, "from 1 to 65535")]
    [InlineData(nameof(Ingress), "number: 80", "number: 80.5", Backend + ".service.port.number", 16, "from 1 to 65535")]
    [InlineData(nameof(Ingress), "number: 80", "number: .nan", Backend + ".service.port.number", 16, "from 1 to 65535")]
    [InlineData(nameof(Ingress), "number: 80", "number: '80'", Backend + ".service.port.number", 16, "a string, not a number")]
    [InlineData(nameof(Ingress), "number: 80", "name: http\n              number: 80", Backend + ".service.port", 16, "both given")]
    [InlineData(nameof(Ingress), "number: 80", "name: a-very-long-port-name", Backend + ".service.port.name", 16, "not a port name")]
    [InlineData(nameof(Ingress), "port:\n              number: 80", "port: 80", Backend + ".service.port", 15, "not a map of name or number")]
    [InlineData(nameof(Ingress), "            port:\n              number: 80", "", Backend + ".service.port", 14, "required")]
    [InlineData(nameof(Ingress), "      paths:\n", "      path:\n", "spec.rules[0].http.paths", 9, "required")]
    [InlineData(nameof(Ingress), "  rules:\n", "  rule:\n", "spec", 6, "required")]
    [InlineData(nameof(Ingress), "spec:\n", "specs:\n", "spec", 1, "required")]
    // TLS
    [InlineData(nameof(Ingress), "spec:", "spec:\n  tls:\n  - hosts: ['*']", "spec.tls[0].hosts[0]", 7, "not a host name")]
    [InlineData(nameof(Ingress), "spec:", "spec:\n  tls:\n  - hosts: ['']", "spec.tls[0].hosts[0]", 7, "required")]
    [InlineData(nameof(Ingress), "spec:", "spec:\n  tls:\n  - secretName: Bad_Name", "spec.tls[0].secretName", 7, "not a DNS name")]
    [InlineData(nameof(Ingress), "spec:", "spec:\n  tls: yes", "spec.tls", 6, "a boolean, not a list")]
    // Services
    [InlineData(nameof(Service), "port: 80\n", "port: 0\n", "spec.ports[0].port", 9, "from 1 to 65535")]
    [InlineData(nameof(Service), "port: 80\n", "port: '80'\n", "spec.ports[0].port", 9, "a string, not a number")]
    [InlineData(nameof(Service), "  - name: http\n    port: 80\n", "  - name: http\n", "spec.ports[0].port", 8, "required")]
    [InlineData(nameof(Service), "port: 81", "port: 80", "spec.ports[1].port", 12, "this number and protocol")]
    [InlineData(nameof(Service), "name: admin", "name: http", "spec.ports[1].name", 11, "has this name")]
    [InlineData(nameof(Service), "  - name: admin\n    port", "  - port", "spec.ports[1].name", 11, "required")]
    [InlineData(nameof(Service), "targetPort: 8080", "targetPort: 70000", "spec.ports[0].targetPort", 10, "from 1 to 65535")]
    [InlineData(nameof(Service), "targetPort: 8080", "targetPort: '8080'", "spec.ports[0].targetPort", 10, "not a port name")]
    [InlineData(nameof(Service), "targetPort: 8080", "protocol: HTTP", "spec.ports[0].protocol", 10, "not known")]
    [InlineData(nameof(Service), "targetPort: 8080", "appProtocol: bad proto", "spec.ports[0].appProtocol", 10, "not a qualified name")]
    [InlineData(nameof(Service), "type: ClusterIP", "type: External", "spec.type", 6, "not known")]
    [InlineData(nameof(Service), "type: ClusterIP", "type: ExternalName", "spec.externalName", 6, "required")]
    [InlineData(nameof(Service), "type: ClusterIP", "type: ExternalName\n  externalName: a_b", "spec.externalName", 7, "not a DNS name")]
    [InlineData(nameof(Service), "type: ClusterIP", "externalIPs: [localhost]", "spec.externalIPs[0]", 6, "not an IP address")]
    [InlineData(nameof(Service), "  ports:", "  port:", "spec.ports", 6, "required")]
    // EndpointSlices
    [InlineData(nameof(Slice), "addressType: IPv4", "addressType: IPX", "addressType", 5, "not known")]
    [InlineData(nameof(Slice), "addressType: IPv4\n", "", "addressType", 1, "required")]
    [InlineData(nameof(Slice), "10.0.0.1", "fd00::1", "endpoints[0].addresses[0]", 13, "not an IPv4 address")]
    [InlineData(nameof(Slice), "10.0.0.1", "10.01.0.1", "endpoints[0].addresses[0]", 13, "not an IPv4 address")]
    [InlineData(nameof(Slice), "10.0.0.1", "1", "endpoints[0].addresses[0]", 13, "a number, not a string")]
    [InlineData(nameof(Slice), "10.0.0.1", "'1'", "endpoints[0].addresses[0]", 13, "not an IPv4 address")]
    [InlineData(nameof(Slice), "addressType: IPv4", "addressType: IPv6", "endpoints[0].addresses[0]", 13, "not an IPv6 address")]
    [InlineData(nameof(Slice), "  - 10.0.0.1\n", "", "endpoints[0].addresses", 12, "required")]
    [InlineData(nameof(Slice), "port: 8080", "port: 70000", "ports[0].port", 8, "from 1 to 65535")]
    [InlineData(nameof(Slice), "name: admin", "name: http", "ports[1].name", 9, "has this name")]
    [InlineData(nameof(Slice), "ready: true", "ready: 'true'", "endpoints[0].conditions.ready", 15, "a string, not true or false")]
    // Secrets and classes
    [InlineData(nameof(Secret), "tls.key: eA==", "tls.key: 'eA='", "data[tls.key]", 8, "not base64")]
    [InlineData(nameof(Secret), "  tls.key: eA==", "", "data[tls.key]", 7, "required")]
    [InlineData(nameof(Secret), "tls.key: eA==", "tls.key: eA==\n  a b: eA==", "data[a b]", 9, "not a data key")]
    [InlineData(nameof(Class), "k8s.io/ingress-nginx", "nginx", "spec.controller", 6, "not a path below a domain")]
    [InlineData(nameof(Class), "  controller: k8s.io/ingress-nginx", "  parameters: {}", "spec.controller", 6, "required")]
    // Types
    [InlineData(nameof(Class), "kind: IngressClass", "kind: ingressclass", "kind", 2, "capital letters")]
    [InlineData(nameof(Class), "apiVersion: networking.k8s.io/v1\n", "", "apiVersion", 1, "required")]
    [InlineData(nameof(Ingress), "networking.k8s.io/v1", "v1", "apiVersion", 1, "no Ingress of this version")]
    public void A_broken_object_is_refused_with_its_field_line_and_problem(string kind, string part, string replacement, string field, int line, string problem)
    {
        var file = Manifest.Read(Change(Kind(kind), part, replacement));

        Assert.Null(file.SyntaxError);
        var found = Assert.Single(file.Objects);
        Assert.Null(found.Resource);
        var diagnostic = Assert.Single(found.Diagnostics, d => d.Severity == DiagnosticSeverity.Error);
        Assert.Equal(field, diagnostic.Field);
        Assert.Contains(problem, diagnostic.Problem);
        Assert.Equal(found.Key, diagnostic.Subject);
        Assert.Equal(("test.yaml", line), (diagnostic.Origin!.File, diagnostic.Origin.Line));
        Assert.NotEqual(0, diagnostic.Origin.Column);
        Assert.NotEmpty(diagnostic.Remedy);
    }

    [Theory]
    [InlineData(nameof(Ingress), "a.example", "'*.example'")]
    [InlineData(nameof(Ingress), "a.example", "''")]
    [InlineData(nameof(Ingress), "a.example", "xn--mnchen-3ya.example")]
    [InlineData(nameof(Ingress), "path: /", "path: '/a (b|c)'")]
    [InlineData(nameof(Ingress), "path: /\n        pathType: Prefix", "path: /a//b%2f/../(.*)\n        pathType: ImplementationSpecific")]
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  creationTimestamp: null\n  annotations:\n  labels:")]
    [InlineData(nameof(Ingress), "  name: web", "  name: web\n  annotations:\n    Upper.Example/a: ''\n    b:")]
    [InlineData(nameof(Ingress), "spec:", "  annotations: { kubernetes.io/ingress.class: a }\nspec:\n  ingressClassName: a")]
    [InlineData(nameof(Service), "name: web", "name: 1web")]
    [InlineData(nameof(Service), "targetPort: 8080", "targetPort: 0")]
    [InlineData(nameof(Service), "type: ClusterIP", "type: ExternalName\n  externalName: 10.0.0.1")]
    [InlineData(nameof(Slice), "addressType: IPv4", "addressType: FQDN")]
    [InlineData(nameof(Slice), "port: 8080", "port:")]
    [InlineData(nameof(Secret), "tls.crt: eA==\n  tls.key: eA==", "tls.crt: anVuaw==\n  tls.key: ''")]
    public void What_the_api_server_accepts_is_accepted(string kind, string part, string replacement)
    {
        var found = Assert.Single(Manifest.Read(Change(Kind(kind), part, replacement)).Objects);
        Assert.Empty(found.Diagnostics);
        Assert.NotNull(found.Resource);
    }

    [Fact]
    public void All_problems_of_an_object_are_told_at_once()
    {
        var found = Assert.Single(Manifest.Read(Ingress.Replace("a.example", "A").Replace("path: /", "path: x").Replace("80", "0")).Objects);
        Assert.Equal(["spec.rules[0].host", Path + ".path", Backend + ".service.port.number"], found.Diagnostics.Select(d => d.Field));
        Assert.Equal("A", found.Diagnostics[0].Value);
        Assert.Equal("0", found.Diagnostics[2].Value);
    }

    [Fact]
    public void A_misspelt_field_is_warned_of_and_the_object_is_served()
    {
        var found = Assert.Single(Manifest.Read(Ingress.Replace("spec:", "spec:\n  ingressClass: nginx")).Objects);
        Assert.NotNull(found.Resource);
        var warning = Assert.Single(found.Diagnostics);
        Assert.Equal((DiagnosticSeverity.Warning, "spec.ingressClass", "nginx"), (warning.Severity, warning.Field, warning.Value));
        Assert.Contains("ingressClassName", warning.Remedy);
    }

    [Theory]
    [InlineData("extensions/v1beta1", "Ingress", "pathType")]
    [InlineData("networking.k8s.io/v1beta1", "Ingress", "service.port.number")]
    [InlineData("networking.k8s.io/v1beta1", "IngressClass", "networking.k8s.io/v1")]
    [InlineData("discovery.k8s.io/v1beta1", "EndpointSlice", "discovery.k8s.io/v1")]
    [InlineData("v1", "Endpoints", "EndpointSlice")]
    public void An_object_of_an_old_version_is_warned_of_with_what_to_write(string version, string kind, string remedy)
    {
        var found = Assert.Single(Manifest.Read($"apiVersion: {version}\nkind: {kind}\nmetadata: {{ name: a }}").Objects);
        Assert.Null(found.Resource);
        var warning = Assert.Single(found.Diagnostics);
        Assert.Equal(DiagnosticSeverity.Warning, warning.Severity);
        Assert.Contains(remedy, warning.Remedy);
    }

    [Theory]
    [InlineData("serving.knative.dev/v1", "Service")]
    [InlineData("traefik.io/v1alpha1", "IngressRoute")]
    [InlineData("apps/v1", "Deployment")]
    [InlineData("v1", "Pod")]
    public void An_object_of_another_kind_is_skipped(string version, string kind)
    {
        var file = Manifest.Read($"apiVersion: {version}\nkind: {kind}\nmetadata: {{ name: A_B }}");
        Assert.Empty(file.Objects);
        Assert.Equal((version, kind), (Assert.Single(file.Skipped).ApiVersion, file.Skipped[0].Kind));
    }

    [Theory]
    [InlineData("- a\n- b")]
    [InlineData("just words")]
    [InlineData("apiVersion: v1\nkind: List\nitems: { kind: Ingress }")]
    [InlineData("apiVersion: networking.k8s.io/v1\nkind: IngressList\nitems: none")]
    [InlineData("replicas: 3")]
    [InlineData("apiVersion: v1\nkind: 3")]
    [InlineData("apiVersion: v1\nkind:")]
    [InlineData("apiVersion: v1\nkind: [Ingress]")]
    public void A_document_that_is_no_object_is_told_of(string text)
    {
        var found = Assert.Single(Manifest.Read(text).Objects);
        Assert.Null(found.Key);
        Assert.Equal(DiagnosticSeverity.Error, Assert.Single(found.Diagnostics).Severity);
    }

    [Fact]
    public void A_kustomization_file_needs_no_kind() =>
        Assert.Empty(ManifestReader.Read("base/kustomization.yaml", "resources: [web.yaml]").Objects);

    [Fact]
    public void Objects_above_the_api_servers_bounds_are_refused()
    {
        Refused(Ingress.Replace("a.example", string.Join('.', Enumerable.Repeat("abcdefghi", 30))), "spec.rules[0].host");
        Refused(Ingress.Replace("  name: web\nspec", "  name: web\n  annotations: { a: " + new string('x', 300_000) + " }\nspec"), "metadata.annotations");
        Refused(Ingress.Replace("  name: web\nspec", "  name: web\n  labels: { a: " + new string('x', 64) + " }\nspec"), "metadata.labels[a]");
        Refused(Secret + "\n  big: " + Convert.ToBase64String(new byte[(1 << 20) + 1]), "data");
        Refused(Slice + string.Concat(Enumerable.Repeat("\n- addresses: [10.0.0.2]", 1000)), "endpoints");
        Refused(Slice.Replace("  - 10.0.0.1", string.Concat(Enumerable.Repeat("  - 10.0.0.1\n", 101))), "endpoints[0].addresses");
        Refused(Slice + "\nx: " + new string('x', 1536 * 1024), "");

        static void Refused(string text, string field)
        {
            var found = Assert.Single(Manifest.Read(text).Objects);
            Assert.Null(found.Resource);
            Assert.Equal(field, Assert.Single(found.Diagnostics).Field);
        }
    }
}
