using System.Text.Json.Nodes;
using Gateway.Testing.ApiServer;

namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>What a server makes of an object: defaults, server-owned fields, generation, refusals.</summary>
public sealed class StoredObjectTests : RecordingTests
{
    private async Task<JsonObject> CreateAsync(string path, string body)
    {
        var reply = await Client.SendAsync("POST", path, body);
        Assert.Equal(201, reply.Status);
        return reply.Json;
    }

    [Fact]
    public async Task An_ingress_gets_its_metadata_and_an_empty_status()
    {
        var ingress = await CreateAsync(
            Client.Ingresses, """{"spec":{"rules":[{"host":"a.example"}]},"metadata":{"name":"full","annotations":{"a":"b"},"creationTimestamp":null},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}""");

        Assert.Equal(["kind", "apiVersion", "metadata", "spec", "status"], ingress.Select(member => member.Key));
        Assert.Equal(["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "annotations"], ingress["metadata"]!.AsObject().Select(member => member.Key));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", (string?)ingress["metadata"]!["creationTimestamp"]);
        Assert.Equal("""{"loadBalancer":{}}""", ingress["status"]!.ToJsonString());
    }

    [Fact]
    public async Task A_generated_name_has_five_more_characters()
    {
        var map = await CreateAsync("/api/v1/namespaces/demo/configmaps", """{"metadata":{"generateName":"gen-"}}""");

        Assert.Matches("^gen-[a-z0-9]{5}$", (string?)map["metadata"]!["name"]);
        Assert.Equal("gen-", (string?)map["metadata"]!["generateName"]);
    }

    [Theory]
    [InlineData("{}", "default-gw")]
    [InlineData("""{"kubernetes.io/ingress.class":"nginx"}""", null)]
    public async Task The_default_class_is_filled_in_unless_the_old_annotation_is_there(string annotations, string? wanted)
    {
        Api.Apply("""{kind: IngressClass, metadata: {name: default-gw, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}, spec: {controller: example.com/gw}}""");

        var ingress = await CreateAsync(Client.Ingresses, $$$"""{"spec":{"defaultBackend":{}},"metadata":{"name":"a","annotations":{{{annotations}}} } }""");

        Assert.Equal(wanted, (string?)ingress["spec"]!["ingressClassName"]);
    }

    [Fact]
    public async Task A_service_is_filled_in_and_an_external_name_is_not()
    {
        var web = await CreateAsync("/api/v1/namespaces/demo/services", """{"metadata":{"name":"web"},"spec":{"ports":[{"name":"admin","port":81}]}}""");
        var external = await CreateAsync("/api/v1/namespaces/demo/services", """{"metadata":{"name":"db"},"spec":{"type":"ExternalName","externalName":"db.example.com"}}""");

        Assert.True(JsonNode.DeepEquals(web["spec"], JsonNode.Parse("""
            {"ports":[{"name":"admin","protocol":"TCP","port":81,"targetPort":81}],"clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1"],"type":"ClusterIP",
             "sessionAffinity":"None","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","internalTrafficPolicy":"Cluster"}
            """)));
        Assert.True(JsonNode.DeepEquals(external["spec"], JsonNode.Parse("""{"type":"ExternalName","sessionAffinity":"None","externalName":"db.example.com"}""")));
        Assert.False(web["metadata"]!.AsObject().ContainsKey("generation"));
    }

    [Fact]
    public void An_object_that_is_put_again_keeps_what_the_server_gave_it()
    {
        const string Service = "{kind: Service, metadata: {name: web}, spec: {ports: [{port: 80}]}}";
        var first = Api.Apply(Service)[0];
        Objects.PutIngresses(Api, "a");
        var ingress = Api.Get("Ingress", "demo", "a")!;
        ingress["status"] = JsonNode.Parse("""{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}""");
        Api.Put(ingress);

        Assert.True(JsonNode.DeepEquals(first, Api.Apply(Service)[0]));
        Assert.Equal("192.0.2.1", (string?)Api.Apply(Objects.Ingress("a", "{v: changed}"))[0]["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
    }

    [Theory]
    [InlineData(
        """
        "endpoints":[{"addresses":["10.1.0.1"]}],"ports":[{"name":"http","port":8080},{"port":9090}]
        """,
        """{"endpoints":[{"addresses":["10.1.0.1"],"conditions":{}}],"ports":[{"name":"http","port":8080,"protocol":"TCP"},{"port":9090,"name":"","protocol":"TCP"}]}""")]
    [InlineData("\"endpoints\":[],\"ports\":null", """{"endpoints":null,"ports":null}""")]
    public async Task An_endpoint_slice_has_conditions_protocols_and_nulls(string sent, string stored)
    {
        var slice = await CreateAsync("/apis/discovery.k8s.io/v1/namespaces/demo/endpointslices", $$$"""{"metadata":{"name":"web-1"},"addressType":"IPv4",{{{sent}}}}""");

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(stored), new JsonObject { ["endpoints"] = slice["endpoints"]?.DeepClone(), ["ports"] = slice["ports"]?.DeepClone() }));
        Assert.True(slice.ContainsKey("endpoints") && slice.ContainsKey("ports"));
    }

    [Fact]
    public async Task The_generation_of_an_endpoint_slice_counts_labels_too()
    {
        const string Path = "/apis/discovery.k8s.io/v1/namespaces/demo/endpointslices";
        await CreateAsync(Path, """{"metadata":{"name":"web-1"},"addressType":"IPv4","endpoints":[{"addresses":["10.1.0.1"]}]}""");

        var endpoints = await Client.PatchAsync($"{Path}/web-1", """{"endpoints":[{"addresses":["10.1.0.9"]}]}""");
        var labels = await Client.PatchAsync($"{Path}/web-1", """{"metadata":{"labels":{"z":"1"}}}""");

        Assert.Equal([2, 3], new[] { endpoints, labels }.Select(reply => (int)reply.Json["metadata"]!["generation"]!));
    }

    [Fact]
    public async Task A_secrets_text_becomes_data()
    {
        var secret = await CreateAsync("/api/v1/namespaces/demo/secrets", """{"metadata":{"name":"s"},"stringData":{"a":"z"}}""");

        Assert.Equal("""{"a":"eg=="}""", secret["data"]!.ToJsonString());
        Assert.Equal("Opaque", (string?)secret["type"]);
        Assert.False(secret.ContainsKey("stringData"));
    }

    [Fact]
    public async Task A_namespace_is_labelled_with_its_name_and_active()
    {
        var ns = await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"new"}}""");

        Assert.Equal("new", (string?)ns["metadata"]!["labels"]!["kubernetes.io/metadata.name"]);
        Assert.Equal(("kubernetes", "Active"), ((string?)ns["spec"]!["finalizers"]![0], (string?)ns["status"]!["phase"]));
    }

    [Fact]
    public async Task A_webhook_configuration_is_filled_in()
    {
        var stored = await CreateAsync(
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            """{"metadata":{"name":"gateway"},"webhooks":[{"name":"a.example.com","rules":[{"operations":["CREATE"]}],"sideEffects":"None","admissionReviewVersions":["v1"]}]}""");

        Assert.True(JsonNode.DeepEquals(stored["webhooks"]![0], JsonNode.Parse("""
            {"name":"a.example.com","rules":[{"operations":["CREATE"],"scope":"*"}],"failurePolicy":"Fail","matchPolicy":"Equivalent","namespaceSelector":{},
             "objectSelector":{},"sideEffects":"None","timeoutSeconds":10,"admissionReviewVersions":["v1"]}
            """)));
    }

    [Theory]
    [InlineData("/foo", "Prefix", null)]
    [InlineData("/a(b|c)", "Prefix", null)]
    [InlineData("/a//b", "ImplementationSpecific", null)]
    [InlineData("", "ImplementationSpecific", null)]
    [InlineData("foo", "Prefix", "path: Invalid value: \"foo\": must be an absolute path")]
    [InlineData("", "Exact", "path: Invalid value: \"\": must be an absolute path")]
    [InlineData("foo(.*)", "ImplementationSpecific", "path: Invalid value: \"foo(.*)\": must be an absolute path")]
    [InlineData("/a//b", "Prefix", "path: Invalid value: \"/a//b\": must not contain '//'")]
    [InlineData("/a/../b", "Exact", "path: Invalid value: \"/a/../b\": must not contain '/../'")]
    [InlineData("/a%2fb", "Exact", "path: Invalid value: \"/a%2fb\": must not contain '%2f'")]
    [InlineData("/a/..", "Prefix", "path: Invalid value: \"/a/..\": cannot end with '/..'")]
    [InlineData("/a/.", "Prefix", "path: Invalid value: \"/a/.\": cannot end with '/.'")]
    [InlineData("/", "Regex", "pathType: Unsupported value: \"Regex\": supported values: \"Exact\", \"ImplementationSpecific\", \"Prefix\"")]
    [InlineData("/", null, "pathType: Required value: pathType must be specified")]
    public async Task A_path_is_judged_by_its_type(string path, string? type, string? problem)
    {
        var rule = new JsonObject { ["path"] = path, ["pathType"] = type };
        var sent = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "bad" },
            ["spec"] = new JsonObject { ["rules"] = new JsonArray(new JsonObject { ["http"] = new JsonObject { ["paths"] = new JsonArray(rule) } }) },
        };

        var reply = await Client.SendAsync("POST", Client.Ingresses, sent.ToJsonString());

        Assert.Equal(problem is null ? null : $"Ingress.networking.k8s.io \"bad\" is invalid: spec.rules[0].http.paths[0].{problem}", reply.Message);
    }

    [Theory]
    [InlineData("*.example", true)]
    [InlineData("", true)]
    [InlineData("Foo.example", false)]
    [InlineData("*", false)]
    [InlineData("foo.*.example", false)]
    [InlineData("1.2.3.4", false)]
    [InlineData("a.example:80", false)]
    [InlineData("a.example.", false)]
    [InlineData("*.*.example", false)]
    public async Task A_host_is_a_name(string host, bool accepted)
    {
        var reply = await Client.SendAsync("POST", Client.Ingresses, $$$"""{"metadata":{"name":"a"},"spec":{"rules":[{"host":"{{{host}}}"}]}}""");

        Assert.Equal(accepted ? 201 : 422, reply.Status);
    }

    [Theory]
    [InlineData("IPv4", "169.254.1.1", "[0]: Invalid value: \"169.254.1.1\": may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    [InlineData("IPv4", "224.0.0.1", "[0]: Invalid value: \"224.0.0.1\": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")]
    [InlineData("IPv4", "0.0.0.0", "[0]: Invalid value: \"0.0.0.0\": may not be unspecified (0.0.0.0)")]
    [InlineData("IPv6", "::1", "[0]: Invalid value: \"::1\": may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("IPv4", "fd00::1", ": Invalid value: \"fd00::1\": must be an IPv4 address")]
    [InlineData("IPv4", "foo", "[0]: Invalid value: \"foo\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("IPv4", "10.01.0.1", "[0]: Invalid value: \"10.01.0.1\": must not have leading 0s")]
    [InlineData("IPv6", "FD00:0::1", "[0]: Invalid value: \"FD00:0::1\": must be in canonical form (\"fd00::1\")")]
    [InlineData("FQDN", "db.example.com", null)]
    [InlineData("IPv4", "10.0.0.1", null)]
    public async Task An_endpoint_has_an_address_that_can_be_reached(string type, string address, string? problem)
    {
        var reply = await Client.SendAsync(
            "POST", "/apis/discovery.k8s.io/v1/namespaces/demo/endpointslices", $$$"""{"metadata":{"name":"s"},"addressType":"{{{type}}}","endpoints":[{"addresses":["{{{address}}}"]}]}""");

        Assert.Equal(problem is null ? null : $"EndpointSlice.discovery.k8s.io \"s\" is invalid: endpoints[0].addresses{problem}", reply.Message);
    }

    [Fact]
    public async Task Loopback_endpoints_are_accepted_on_demand()
    {
        await using var api = await ApiServer.StartAsync(new ApiServerOptions { AllowLoopbackEndpoints = true });

        api.Apply("{kind: EndpointSlice, metadata: {name: s}, addressType: IPv4, endpoints: [{addresses: [127.0.0.1]}]}");
        var refused = Assert.Throws<ArgumentException>(() => Api.Apply("{kind: EndpointSlice, metadata: {name: s}, addressType: IPv4, endpoints: [{addresses: [127.0.0.1]}]}"));

        Assert.Contains("loopback", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/secrets/a", """{"type":"kubernetes.io/basic-auth"}""", "type: Invalid value: \"kubernetes.io/basic-auth\": field is immutable")]
    [InlineData("/apis/networking.k8s.io/v1/ingressclasses/a", """{"spec":{"controller":"example.com/other"}}""", "spec.controller: Invalid value: \"example.com/other\": field is immutable")]
    [InlineData("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/a", """{"addressType":"IPv6"}""", "addressType: Invalid value: \"IPv6\": field is immutable")]
    public async Task Some_fields_are_final(string path, string patch, string problem)
    {
        Api.Apply("""
            {kind: Secret, metadata: {name: a}}
            ---
            {kind: IngressClass, metadata: {name: a}, spec: {controller: a.b/c}}
            ---
            {kind: EndpointSlice, metadata: {name: a}, addressType: IPv4}
            """);

        Assert.EndsWith(problem, (await Client.PatchAsync(path, patch)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tls_secret_has_both_keys()
    {
        var reply = await Client.SendAsync("POST", "/api/v1/namespaces/demo/secrets", """{"metadata":{"name":"t"},"type":"kubernetes.io/tls"}""");

        Assert.Equal("Secret \"t\" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required value]", reply.Message);
    }
}
