namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>Errors as Status objects, byte by byte.</summary>
public sealed class ErrorTests : RecordingTests
{
    private const string NotFoundTail = "\"reason\":\"NotFound\",\"details\":{},\"code\":404}\n";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Objects.PutIngresses(Api, "ing-a");
    }

    private static string Failure(string rest) => """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":""" + rest + "\n";

    [Theory]
    [InlineData("GET", null)]
    [InlineData("PUT", "{}")]
    [InlineData("DELETE", null)]
    public async Task An_object_that_does_not_exist_is_named(string method, string? body)
    {
        var reply = await Client.SendAsync(method, $"{Client.Ingresses}/nope", body);

        Assert.Equal(404, reply.Status);
        Assert.Equal(
            Failure("""
                "ingresses.networking.k8s.io \"nope\" not found","reason":"NotFound","details":{"name":"nope","group":"networking.k8s.io","kind":"ingresses"},"code":404}
                """),
            reply.Text);
    }

    [Theory]
    [InlineData("/apis/example.com/v1/things")]
    [InlineData("/nothing")]
    public async Task An_unknown_group_is_plain_text(string path)
    {
        var reply = await Client.GetAsync(path);

        Assert.Equal((404, "text/plain"), (reply.Status, reply.ContentHeaders.ContentType!.MediaType));
        Assert.Equal("404 page not found\n", reply.Text);
    }

    [Theory]
    [InlineData("/apis/networking.k8s.io/v1beta1/ingresses")]
    [InlineData("/apis/networking.k8s.io/v1/nopes")]
    [InlineData("/apis/networking.k8s.io/v1/ingresses/ing-a")]
    [InlineData("/apis/networking.k8s.io/v1/namespaces/demo/ingresses/ing-a/scale")]
    public async Task An_unknown_resource_has_no_details(string path) =>
        Assert.EndsWith(NotFoundTail, (await Client.GetAsync(path)).Text, StringComparison.Ordinal);

    [Fact]
    public async Task A_create_needs_its_namespace()
    {
        var reply = await Client.SendAsync("POST", "/api/v1/namespaces/nowhere/configmaps", """{"metadata":{"name":"a"}}""");

        Assert.Equal(404, reply.Status);
        Assert.Equal(
            Failure("""
                "namespaces \"nowhere\" not found","reason":"NotFound","details":{"name":"nowhere","kind":"namespaces"},"code":404}
                """),
            reply.Text);
    }

    [Fact]
    public async Task A_create_in_a_dying_namespace_is_forbidden()
    {
        Api.Apply("{kind: Namespace, metadata: {name: dying}}");
        Assert.Equal("Terminating", (string?)(await Client.SendAsync("DELETE", "/api/v1/namespaces/dying")).Json["status"]!["phase"]);

        var reply = await Client.SendAsync("POST", "/api/v1/namespaces/dying/configmaps", """{"metadata":{"name":"x"}}""");

        Assert.Equal(403, reply.Status);
        Assert.Equal(
            Failure("""
                "configmaps \"x\" is forbidden: unable to create new content in namespace dying because it is being terminated","reason":"Forbidden","details":{"name":"x","kind":"configmaps","causes":[{"reason":"NamespaceTerminating","message":"namespace dying is being terminated","field":"metadata.namespace"}]},"code":403}
                """),
            reply.Text);
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        var reply = await Client.SendAsync("POST", Client.Ingresses, """{"metadata":{"name":"ing-a"},"spec":{"defaultBackend":{}}}""");

        Assert.Equal(409, reply.Status);
        Assert.Equal(
            Failure("""
                "ingresses.networking.k8s.io \"ing-a\" already exists","reason":"AlreadyExists","details":{"name":"ing-a","group":"networking.k8s.io","kind":"ingresses"},"code":409}
                """),
            reply.Text);
    }

    [Theory]
    [InlineData("PUT", "/ing-a")]
    [InlineData("PUT", "/ing-a/status")]
    [InlineData("PATCH", "/ing-a")]
    [InlineData("PATCH", "/ing-a/status")]
    public async Task An_old_resource_version_conflicts(string method, string path)
    {
        var reply = await Client.SendAsync(
            method, Client.Ingresses + path, """{"metadata":{"name":"ing-a","resourceVersion":"1"},"spec":{"defaultBackend":{}}}""",
            method == "PUT" ? "application/json" : "application/merge-patch+json");

        Assert.Equal(409, reply.Status);
        Assert.Equal(
            Failure("""
                "Operation cannot be fulfilled on ingresses.networking.k8s.io \"ing-a\": the object has been modified; please apply your changes to the latest version and try again","reason":"Conflict","details":{"name":"ing-a","group":"networking.k8s.io","kind":"ingresses"},"code":409}
                """),
            reply.Text);
    }

    [Fact]
    public async Task Another_uid_conflicts()
    {
        var uid = Api.Get("Ingress", "demo", "ing-a")!["metadata"]!["uid"];

        var reply = await Client.SendAsync(
            "PUT", $"{Client.Ingresses}/ing-a", """{"metadata":{"name":"ing-a","uid":"00000000-0000-0000-0000-000000000000"},"spec":{"defaultBackend":{}}}""");

        Assert.Equal(
            $"Operation cannot be fulfilled on ingresses.networking.k8s.io \"ing-a\": StorageError: invalid object, Code: 4, Key: /registry/ingress/demo/ing-a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: 00000000-0000-0000-0000-000000000000, UID in object meta: {uid}",
            reply.Message);
    }

    [Theory]
    [InlineData("POST", "", """{"apiVersion""", 400, "the object provided is unrecognized (must be of type Ingress): couldn't get version/kind; json parse error: unexpected end of JSON input ({\"apiVersion)")]
    [InlineData("POST", "", "", 400, "the object provided is unrecognized (must be of type Ingress): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)")]
    [InlineData("POST", "", """{"kind":"Secret","metadata":{"name":"a"}}""", 400, "Secret in version \"v1\" cannot be handled as a Ingress: converting (v1.Secret) to (networking.Ingress): unknown conversion")]
    [InlineData("POST", "", """{"apiVersion":"networking.k8s.io/v1beta1","metadata":{"name":"a"}}""", 400, "the API version in the data (networking.k8s.io/v1beta1) does not match the expected API version (networking.k8s.io/v1)")]
    [InlineData("POST", "", """{"metadata":{"name":"a","namespace":"other"}}""", 400, "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("POST", "", """{"metadata":{"name":"a","resourceVersion":"5"}}""", 500, "resourceVersion should not be set on objects to be created")]
    [InlineData("PUT", "/ing-a", """{"metadata":{"name":"ing-z"}}""", 400, "the name of the object (ing-z) does not match the name on the URL (ing-a)")]
    [InlineData("PUT", "/ing-a", """{"metadata":{"resourceVersion":"zzz"}}""", 500, "strconv.ParseUint: parsing \"zzz\": invalid syntax")]
    [InlineData("PATCH", "/ing-a", "{", 400, "error decoding patch: unexpected end of JSON input")]
    [InlineData("POST", "", """{"metadata":{"name":"a","labels":{"v":5}},"spec":{"defaultBackend":{}}}""", 400, null)]
    [InlineData("POST", "/ing-a", "{}", 405, "the server does not allow this method on the requested resource")]
    [InlineData("PUT", "", "{}", 405, "the server does not allow this method on the requested resource")]
    public async Task A_request_that_makes_no_sense_says_why(string method, string path, string body, int status, string? message)
    {
        var reply = await Client.SendAsync(method, Client.Ingresses + path, body, method == "PATCH" ? "application/merge-patch+json" : "application/json");

        Assert.Equal((status, message ?? reply.Message), (reply.Status, reply.Message));
    }

    [Fact]
    public async Task Media_types_are_checked()
    {
        var patch = await Client.SendAsync("PATCH", $"{Client.Ingresses}/ing-a", "{}");
        var post = await Client.SendAsync("POST", Client.Ingresses, "{}", "text/plain");

        Assert.Equal((415, "415: Unsupported Media Type"), (patch.Status, patch.Message));
        Assert.Equal((415, "UnsupportedMediaType"), (post.Status, (string?)post.Json["reason"]));
    }

    [Fact]
    public async Task A_body_has_a_limit()
    {
        var reply = await Client.SendAsync("POST", Client.Ingresses, $$"""{"a":"{{new string('x', 3 * 1024 * 1024)}}"}""");

        Assert.Equal((413, "Request entity too large: limit is 3145728"), (reply.Status, reply.Message));
    }

    [Fact]
    public async Task An_invalid_object_names_field_reason_and_value()
    {
        var reply = await Client.SendAsync(
            "POST", "/apis/discovery.k8s.io/v1/namespaces/demo/endpointslices", """{"metadata":{"name":"web-1"},"addressType":"IPv4","endpoints":[{"addresses":["127.0.0.1"]}]}""");

        Assert.Equal(422, reply.Status);
        Assert.Equal(
            Failure("""
                "EndpointSlice.discovery.k8s.io \"web-1\" is invalid: endpoints[0].addresses[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)","reason":"Invalid","details":{"name":"web-1","group":"discovery.k8s.io","kind":"EndpointSlice","causes":[{"reason":"FieldValueInvalid","message":"Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)","field":"endpoints[0].addresses[0]"}]},"code":422}
                """),
            reply.Text);
    }

    [Fact]
    public async Task A_deleted_object_is_answered_with_its_uid()
    {
        var uid = Api.Get("Ingress", "demo", "ing-a")!["metadata"]!["uid"];

        var reply = await Client.SendAsync("DELETE", $"{Client.Ingresses}/ing-a");

        Assert.Equal(
            $$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","details":{"name":"ing-a","group":"networking.k8s.io","kind":"ingresses","uid":"{{{uid}}}"}}""" + "\n",
            reply.Text);
        Assert.Null(Api.Get("Ingress", "demo", "ing-a"));
    }
}
