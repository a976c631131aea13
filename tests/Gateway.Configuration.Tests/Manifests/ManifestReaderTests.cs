using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Manifests;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Tests.Manifests;

public sealed class ManifestReaderTests
{
    private const string Minimal = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

    [Fact]
    public void An_ingress_is_read_with_all_its_fields()
    {
        var ingress = Manifest.One<IngressResource>("""
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: web
              namespace: shop
              creationTimestamp: 2026-02-03T04:05:06Z
              annotations:
                nginx.ingress.kubernetes.io/rewrite-target: /
                example.com/unrelated: x
            spec:
              ingressClassName: nginx
              defaultBackend:
                resource: { apiGroup: k8s.example.com, kind: Bucket, name: static }
              tls:
              - hosts: [shop.example.com]
                secretName: shop-tls
              - {}
              rules:
              - host: shop.example.com
                http:
                  paths:
                  - path: /cart
                    pathType: Exact
                    backend: { service: { name: cart, port: { number: 8080 } } }
                  - path: /
                    pathType: Prefix
                    backend: { service: { name: web, port: { name: http } } }
                  - pathType: ImplementationSpecific
                    backend: { service: { name: web, port: { name: http } } }
              - host: "*.example.com"
            """);

        Assert.Equal(new ObjectName("shop", "web"), ingress.Name);
        Assert.Equal(new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero), ingress.CreatedAt);
        Assert.Equal(["nginx.ingress.kubernetes.io/rewrite-target"], ingress.Annotations.All.Select(a => a.Key));
        Assert.Equal("nginx", ingress.ClassName);
        Assert.Equal(new IngressBackend(null, default, "Bucket/static"), ingress.DefaultBackend);
        Assert.Equal([new IngressTls(["shop.example.com"], "shop-tls"), new IngressTls([], null)], ingress.Tls);
        var http = new IngressBackend("web", new PortReference(0, "http"));
        Assert.Equal(
            [
                new IngressRule("shop.example.com",
                [
                    new IngressPath("/cart", IngressPathType.Exact, new IngressBackend("cart", new PortReference(8080, null))),
                    new IngressPath("/", IngressPathType.Prefix, http),
                    new IngressPath("", IngressPathType.ImplementationSpecific, http),
                ]),
                new IngressRule("*.example.com", []),
            ],
            ingress.Rules);
    }

    [Fact]
    public void A_service_is_read_with_its_ports()
    {
        var service = Manifest.One<ServiceResource>("""
            apiVersion: v1
            kind: Service
            metadata: { name: web }
            spec:
              selector: { app: web }
              externalIPs: [127.0.0.1, "::1"]
              ports:
              - { name: http, port: 80, targetPort: http-alt, appProtocol: kubernetes.io/h2c }
              - { name: dns, port: 53, protocol: UDP }
              - { name: admin, port: 0x51, targetPort: 8081 }
            """);

        Assert.Equal(new ObjectName("default", "web"), service.Name);
        Assert.Null(service.ExternalName);
        Assert.Equal(["127.0.0.1", "::1"], service.ExternalIps);
        Assert.Equal(
            [
                new ServicePort("http", 80, new PortReference(0, "http-alt"), "TCP", "kubernetes.io/h2c"),
                new ServicePort("dns", 53, default, "UDP"),
                new ServicePort("admin", 0x51, new PortReference(8081, null)),
            ],
            service.Ports);
    }

    [Fact]
    public void An_external_name_counts_only_in_a_service_of_that_type()
    {
        const string Text = "apiVersion: v1\nkind: Service\nmetadata: { name: db }\nspec: { type: TYPE, externalName: db.example.com., ports: [{ port: 80 }] }";
        Assert.Equal("db.example.com", Manifest.One<ServiceResource>(Text.Replace("TYPE", "ExternalName")).ExternalName);

        var ignored = Assert.Single(Manifest.Read(Text.Replace("type: TYPE, ", "")).Objects);
        Assert.Null(Assert.IsType<ServiceResource>(ignored.Resource).ExternalName);
        var warning = Assert.Single(ignored.Diagnostics);
        Assert.Equal((DiagnosticSeverity.Warning, "spec.externalName", "db.example.com."), (warning.Severity, warning.Field, warning.Value));
        Assert.Contains("type: ExternalName", warning.Remedy);
    }

    [Fact]
    public void An_endpoint_slice_is_read_with_what_its_conditions_mean()
    {
        var slice = Manifest.One<EndpointSliceResource>("""
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: web-1
              labels: { kubernetes.io/service-name: web }
            addressType: IPv4
            ports:
            - { name: http, port: 8080 }
            - { name: any }
            endpoints:
            - addresses: [10.0.0.1, 10.0.0.2]
              targetRef: { kind: Pod, name: web-abc }
              zone: east
            - addresses: [10.0.0.3]
              conditions: { ready: false }
            - addresses: [10.0.0.4]
              conditions: { ready: false, serving: true, terminating: true }
            - addresses: [127.0.0.1]
              conditions: { ready: null }
            """);

        Assert.Equal("web", slice.Service);
        Assert.Equal("IPv4", slice.AddressType);
        Assert.Equal([new EndpointPort("http", 8080), new EndpointPort("any", null)], slice.Ports);
        Assert.Equal(
            [
                new SliceEndpoint(["10.0.0.1", "10.0.0.2"], Pod: "web-abc", Zone: "east"),
                new SliceEndpoint(["10.0.0.3"], Ready: false, Serving: false),
                new SliceEndpoint(["10.0.0.4"], Ready: false, Serving: true, Terminating: true),
                new SliceEndpoint(["127.0.0.1"]),
            ],
            slice.Endpoints);
    }

    [Fact]
    public void A_secret_is_decoded_and_stringData_goes_over_data()
    {
        var secret = Manifest.One<SecretResource>("""
            apiVersion: v1
            kind: Secret
            metadata: { name: s }
            data: { b: aGVs bG8=, a: eA== , empty: }
            stringData: { a: plain }
            """);

        Assert.Equal("Opaque", secret.Type);
        Assert.Equal(["a", "b", "empty"], secret.Data.Select(entry => entry.Key));
        Assert.Equal("plain"u8, secret.Find("a")!.Value.Reveal());
        Assert.Equal("hello"u8, secret.Find("b")!.Value.Reveal());
        Assert.Equal(0, secret.Find("empty")!.Value.Reveal().Length);
    }

    [Fact]
    public void Config_maps_and_ingress_classes_are_read()
    {
        var file = Manifest.Read("""
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: settings, namespace: gateway }
            data:
              z: "1"
              a: |
                two
                lines
            ---
            apiVersion: networking.k8s.io/v1
            kind: IngressClass
            metadata:
              name: nginx
              annotations: { ingressclass.kubernetes.io/is-default-class: "true" }
            spec: { controller: k8s.io/ingress-nginx }
            """);

        var settings = Assert.IsType<ConfigMapResource>(file.Objects[0].Resource);
        Assert.Equal([new("a", "two\nlines\n"), new("z", "1")], settings.Data);
        Assert.Equal(new IngressClassResource(new ObjectName("", "nginx"), "k8s.io/ingress-nginx", true), file.Objects[1].Resource);
    }

    [Fact]
    public void Documents_lists_and_empty_documents_are_unfolded_in_order()
    {
        var file = Manifest.Read("""
            # Only a comment.
            ---
            ---
            apiVersion: v1
            kind: List
            items:
            - { apiVersion: v1, kind: ConfigMap, metadata: { name: a } }
            - apiVersion: v1
              kind: ConfigMapList
              items:
              - metadata: { name: b }
              - metadata: { name: c }
            ...
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: d }
            ---
            { apiVersion: v1, kind: ConfigMap, metadata: { name: e } }
            ---
            """);

        Assert.Equal(["a", "b", "c", "e"], file.Objects.Select(found => found.Key!.Value.Name.Name));
        Assert.Equal([7, 11, 12, 19], file.Objects.Select(found => found.Origin.Line));
        Assert.All(file.Objects, found => Assert.Empty(found.Diagnostics));
        Assert.Equal([new SkippedObject("apps/v1", "Deployment", new Origin("test.yaml", 15, 1))], file.Skipped);
    }

    [Fact]
    public void Json_is_read_with_tabs_and_several_values()
    {
        const string Text = "\uFEFF{\r\n\t\"apiVersion\": \"v1\",\r\n\t\"kind\": \"ConfigMap\",\r\n\t\"metadata\": {\"name\": \"a\"}\r\n}\r\n{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\r\n \"metadata\":{\"name\":\"B\"}} null";
        foreach (var name in (string[])["x.json", "x.yaml"])
        {
            var file = ManifestReader.Read(name, Text);
            Assert.Null(file.SyntaxError);
            Assert.Equal(2, file.Objects.Count);
            Assert.Empty(file.Objects[0].Diagnostics);
            Assert.Equal(new Origin(name, 7, 21), Assert.Single(file.Objects[1].Diagnostics).Origin);
        }
    }

    [Theory]
    [InlineData("\uFEFF" + Minimal)]
    [InlineData("---\n\uFEFF" + Minimal)]
    [InlineData("# note\r\n\uFEFF---\r\n" + Minimal)]
    [InlineData("# note\n---\n" + Minimal + "---\n")]
    [InlineData("---\r\napiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: a\r\n")]
    [InlineData("%YAML 1.1\n---\n" + Minimal)]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: &m\n  name: a\nx: *m")]
    [InlineData("base: &b { apiVersion: v1, kind: Secret }\n<<: *b\nkind: ConfigMap\nmetadata: { name: a }")]
    [InlineData("one: &b { apiVersion: v1 }\ntwo: &c { kind: ConfigMap }\n<<: [*b, *c]\nmetadata: { name: a }")]
    public void These_spellings_mean_the_same(string text) =>
        Assert.Equal(new ConfigMapResource(new ObjectName("default", "a"), []), Manifest.One<ConfigMapResource>(text));

    [Theory]
    [InlineData("|\n    \n    one\n", "\none\n")]
    [InlineData("|\n  \n\n    one\n      \n    two\n", "\n\none\n\ntwo\n")]
    [InlineData("|\n    one\n      \n    two\n", "one\n  \ntwo\n")]
    public void A_block_of_text_may_begin_with_a_line_of_blanks(string block, string value) =>
        Assert.Equal([new("a", value)], Manifest.One<ConfigMapResource>(Minimal + "data:\n  a: " + block).Data);

    [Fact]
    public void A_change_of_nothing_that_is_used_gives_an_equal_resource() =>
        Assert.Equal(
            Manifest.One<ConfigMapResource>(Minimal + "  labels: { a: b }\n"),
            Manifest.One<ConfigMapResource>("# moved\n" + Minimal));

    [Theory]
    [InlineData("kind: Ingress\n  bad: x", 2, 6)]
    [InlineData("a: 1\n\tb: 2", 2, 1)]
    [InlineData("a:\n\tb: 2", 2, 1)]
    [InlineData("a: [1, 2\nb: 3\n", 2, 1)]
    [InlineData(Minimal + "---\na: 'x", 6, 4)]
    [InlineData("a: *nowhere", 1, 4)]
    [InlineData("a: &a [*a]", 1, 8)]
    [InlineData("{{ if .Values.on }}\na: 1\n{{ end }}", 1, 2)]
    [InlineData("? [a]\n: b", 1, 3)]
    [InlineData("<<: 3", 1, 5)]
    public void A_syntax_error_tells_its_place_and_nothing_else_is_read(string text, int line, int column)
    {
        var file = Manifest.Read(text);
        Assert.NotNull(file.SyntaxError);
        Assert.Equal(new Origin("test.yaml", line, column), file.SyntaxError.Origin);
        Assert.Empty(file.Objects);
    }

    [Theory]
    [InlineData(Minimal + "---\n\0\0\0", 6, 1, "U+0000")]
    [InlineData("\0\0\0\0", 1, 1, "U+0000")]
    [InlineData("# not\0e\n" + Minimal, 1, 6, "U+0000")]
    [InlineData(Minimal + "data:\r\n  a: \"\u001b[0m\"\n", 6, 7, "U+001B")]
    [InlineData(Minimal + "  labels: { a: b\u007f }", 5, 17, "U+007F")]
    [InlineData("# \u0084\n" + Minimal, 1, 3, "U+0084")]
    [InlineData(Minimal + "# \uffff", 5, 3, "U+FFFF")]
    public void A_character_that_yaml_does_not_allow_ends_no_file_silently(string text, int line, int column, string name)
    {
        var file = Manifest.Read(text);
        Assert.Equal(new Origin("test.yaml", line, column), file.SyntaxError?.Origin);
        Assert.Contains(name, file.SyntaxError?.Problem);
        Assert.Empty(file.Objects);
    }

    [Fact]
    public void All_characters_that_yaml_allows_are_read() =>
        Assert.Equal(
            [new("a", "\t~\u0085\u00a0\ud7ff\ue000\ufeff\ufffd\U00010000\U0010ffff\0")],
            Manifest.One<ConfigMapResource>(Minimal + "data:\r\n  a: \"\t~\\N\u00a0\ud7ff\ue000\ufeff\ufffd\U00010000\U0010ffff\\0\" # \u0085\n").Data);

    [Theory]
    [InlineData("{\n \"a\": tru }", 2, 10)]
    [InlineData("{\"a\": \"\\ud800\"}", 1, 7)]
    [InlineData("{\"a\": 1,}", 1, 9)]
    [InlineData("a: b", 1, 1)]
    public void A_syntax_error_in_json_tells_its_place(string text, int line, int column) =>
        Assert.Equal(new Origin("test.json", line, column), ManifestReader.Read("test.json", text).SyntaxError?.Origin);

    [Fact]
    public void An_alias_bomb_is_refused()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 20).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Assert.Contains("aliases", Manifest.Read(bomb).SyntaxError?.Problem);

        var merges = "a0: &a0 {k0: x, l0: x}\n"
            + string.Concat(Enumerable.Range(1, 40).Select(i => $"a{i}: &a{i} {{k{i}: *a{i - 1}, l{i}: *a{i - 1}, <<: *a{i - 1}}}\n"));
        Assert.Contains("aliases", Manifest.Read(merges).SyntaxError?.Problem);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        Assert.Contains("deep", Manifest.Read(new string('[', 100_000)).SyntaxError?.Problem);
        Assert.Contains("depth", ManifestReader.Read("a.json", new string('[', 100_000)).SyntaxError?.Problem);
        Assert.Contains("deep", Manifest.Read(string.Concat(Enumerable.Repeat("- ", 100_000))).SyntaxError?.Problem);
    }

    [Fact]
    public void A_megabyte_of_labels_that_are_valid_each_is_told_of_once_and_hurts_nothing()
    {
        var labels = string.Concat(Enumerable.Range(0, 16_000).Select(i => $"    l{i}: {new string('x', 60)}\n"));
        var found = Assert.Single(Manifest.Read(Minimal + "  labels:\n" + labels).Objects);
        Assert.NotNull(found.Resource);
        var told = Assert.Single(found.Diagnostics);
        Assert.Equal((DiagnosticSeverity.Warning, "metadata.labels"), (told.Severity, told.Field));
    }

    [Fact]
    public void A_label_of_a_megabyte_is_told_of_once()
    {
        var found = Assert.Single(Manifest.Read(Minimal + "  labels: { a: " + new string('x', 1 << 20) + " }\n").Objects);
        Assert.Null(found.Resource);
        Assert.Equal("metadata.labels[a]", Assert.Single(found.Diagnostics).Field);
    }

    [Fact]
    public void A_list_of_problems_ends_at_twenty()
    {
        var labels = string.Concat(Enumerable.Range(0, 50).Select(i => $"    l{i}: {i}\n"));
        var found = Assert.Single(Manifest.Read(Minimal + "  labels:\n" + labels).Objects);
        Assert.Null(found.Resource);
        Assert.Equal(21, found.Diagnostics.Count);
        Assert.Equal("30 more problems are not listed", found.Diagnostics[^1].Problem);
    }

    [Fact]
    public void What_a_secret_holds_is_never_printed()
    {
        const string Text = "apiVersion: v1\nkind: Secret\nmetadata: { name: s }\n";
        foreach (var wrong in (string[])["data: { a: hunter!2 }", "data: hunter2", "data: [hunter2]", "stringData: hunter2", "data: { a: 1234567 }", "spec: hunter2\ndata: 1234567", "data: { a: x, a: hunter2 }"])
        {
            var found = Assert.Single(Manifest.Read(Text + wrong).Objects);
            Assert.NotEmpty(found.Diagnostics);
            Assert.DoesNotContain("hunter", string.Concat(found.Diagnostics));
            Assert.DoesNotContain("1234567", string.Concat(found.Diagnostics));
        }
    }
}
