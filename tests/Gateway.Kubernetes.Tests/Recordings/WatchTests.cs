using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Testing.ApiServer;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>WATCH: events, bookmarks, beginnings and ends.</summary>
public sealed class WatchTests : RecordingTests
{
    private const string MetadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    protected override ApiServerOptions Options => new() { Time = _time };

    private Task<Client.Watch> WatchAsync(string query, string? accept = null) => Client.WatchAsync($"{Client.Ingresses}?watch=true&{query}", accept);

    [Fact]
    public async Task Every_change_is_one_line_with_the_version_of_the_change()
    {
        var start = Api.ResourceVersion;
        using var watch = await WatchAsync($"resourceVersion={start}&timeoutSeconds=5");
        Assert.Null(watch.Response.Content.Headers.ContentLength);
        Assert.True(watch.Response.Headers.TransferEncodingChunked);
        Assert.Equal("application/json", watch.Response.Content.Headers.ContentType!.ToString());

        await Client.SendAsync("POST", Client.Ingresses, """{"metadata":{"name":"w1"},"spec":{"defaultBackend":{"service":{"name":"web","port":{"number":80}}}}}""");
        await Client.PatchAsync($"{Client.Ingresses}/w1", """{"metadata":{"labels":{"v":"2"}}}""");
        await Client.PatchAsync($"{Client.Ingresses}/w1/status", """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}""");
        await Client.SendAsync("DELETE", $"{Client.Ingresses}/w1");

        Assert.Equal($"ADDED w1 {start + 1}", await watch.NextAsync());
        Assert.Equal($"MODIFIED w1 {start + 2}", await watch.NextAsync());
        Assert.Equal($"MODIFIED w1 {start + 3}", await watch.NextAsync());
        var deleted = JsonNode.Parse((await watch.NextLineAsync())!)!;
        Assert.Equal(("DELETED", $"{start + 4}"), ((string?)deleted["type"], (string?)deleted["object"]!["metadata"]!["resourceVersion"]));
        Assert.Equal("192.0.2.1", (string?)deleted["object"]!["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
        Assert.Equal(["kind", "apiVersion", "metadata", "spec", "status"], deleted["object"]!.AsObject().Select(member => member.Key));
    }

    [Fact]
    public async Task An_update_that_changes_nothing_makes_no_event()
    {
        Objects.PutIngresses(Api, "a");
        using var watch = await WatchAsync($"resourceVersion={Api.ResourceVersion}");

        await Client.PatchAsync($"{Client.Ingresses}/a", """{"metadata":{"labels":{"v":"same"}}}""");
        await Client.PatchAsync($"{Client.Ingresses}/a", """{"metadata":{"labels":{"v":"same"}}}""");
        await Client.PatchAsync($"{Client.Ingresses}/a", """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.99"}]}}}""");
        Objects.PutIngresses(Api, "b");

        Assert.StartsWith("MODIFIED a", await watch.NextAsync(), StringComparison.Ordinal);
        Assert.StartsWith("ADDED b", await watch.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_since_a_version_are_replayed_and_those_of_other_kinds_and_namespaces_are_not()
    {
        var start = Api.ResourceVersion;
        Objects.PutIngresses(Api, "a", "b");
        Api.Apply("{kind: ConfigMap, metadata: {name: c, namespace: demo}}");
        Api.Apply(Objects.Ingress("d").Replace("namespace: demo", "namespace: default", StringComparison.Ordinal));
        Api.Delete("Ingress", "demo", "a");

        using var watch = await WatchAsync($"resourceVersion={start}");

        Assert.Equal([$"ADDED a {start + 1}", $"ADDED b {start + 2}", $"DELETED a {start + 5}"], [await watch.NextAsync(), await watch.NextAsync(), await watch.NextAsync()]);
    }

    [Theory]
    [InlineData("allowWatchBookmarks=true")]
    [InlineData("allowWatchBookmarks=true&resourceVersion=0")]
    [InlineData("allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")]
    [InlineData("allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=1")]
    public async Task A_watch_from_the_beginning_starts_with_all_objects_and_a_marked_bookmark(string query)
    {
        Objects.PutIngresses(Api, "b", "a");
        var version = Api.ResourceVersion;

        using var watch = await WatchAsync(query);

        Assert.Equal($"ADDED a {version}", await watch.NextAsync());
        Assert.Equal($"ADDED b {version - 1}", await watch.NextAsync());
        Assert.Equal(
            $$$$$"""{"type":"BOOKMARK","object":{"kind":"Ingress","apiVersion":"networking.k8s.io/v1","metadata":{"resourceVersion":"{{{{{version}}}}}","annotations":{"k8s.io/initial-events-end":"true"}},"spec":{},"status":{"loadBalancer":{}}}}""",
            await watch.NextLineAsync());
        Objects.PutIngresses(Api, "c");
        Assert.Equal($"ADDED c {version + 1}", await watch.NextAsync());
    }

    [Fact]
    public async Task A_streamed_list_of_nothing_is_a_bookmark()
    {
        using var watch = await Client.WatchAsync("/api/v1/namespaces/demo/secrets?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan");

        Assert.Equal(
            $$$$$"""{"type":"BOOKMARK","object":{"kind":"Secret","apiVersion":"v1","metadata":{"resourceVersion":"{{{{{Api.ResourceVersion}}}}}","annotations":{"k8s.io/initial-events-end":"true"}}}}""",
            await watch.NextLineAsync());
    }

    [Fact]
    public async Task Without_initial_events_a_watch_starts_now()
    {
        Objects.PutIngresses(Api, "a");
        using var watch = await WatchAsync("sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=0&allowWatchBookmarks=true");

        Objects.PutIngresses(Api, "b");

        Assert.Equal($"ADDED b {Api.ResourceVersion}", await watch.NextAsync());
    }

    [Theory]
    [InlineData("sendInitialEvents=true&allowWatchBookmarks=true", 422, "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]
    [InlineData("resourceVersion=1&resourceVersionMatch=NotOlderThan", 422, "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")]
    [InlineData("continue=abc", 422, "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided")]
    [InlineData("resourceVersion=abc", 500, "resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax")]
    public async Task A_wrong_combination_is_refused_before_the_stream(string query, int status, string message)
    {
        var reply = await Client.GetAsync($"{Client.Ingresses}?watch=true&{query}");

        Assert.Equal(status, reply.Status);
        Assert.EndsWith(message, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bookmarks_come_every_minute_and_before_the_end_and_go_forward_with_other_kinds()
    {
        using var watch = await WatchAsync($"resourceVersion={Api.ResourceVersion}&timeoutSeconds=90&allowWatchBookmarks=true");
        Api.Apply("{kind: ConfigMap, metadata: {name: c, namespace: demo}}");
        var version = Api.ResourceVersion;

        Advance(60);
        Assert.Equal(
            $$$$$"""{"type":"BOOKMARK","object":{"kind":"Ingress","apiVersion":"networking.k8s.io/v1","metadata":{"resourceVersion":"{{{{{version}}}}}"},"spec":{},"status":{"loadBalancer":{}}}}""",
            await watch.NextLineAsync());
        Advance(28);
        Assert.Equal($"BOOKMARK  {version}", await watch.NextAsync());
        Advance(2);
        Assert.Null(await watch.NextLineAsync());
    }

    [Fact]
    public async Task A_watch_without_bookmarks_is_silent_until_it_ends_and_keeps_its_connection()
    {
        using var watch = await WatchAsync($"resourceVersion={Api.ResourceVersion}&timeoutSeconds=90");

        Advance(90);

        Assert.Null(await watch.NextLineAsync());
    }

    [Fact]
    public async Task A_version_that_is_forgotten_is_gone_inside_of_the_stream()
    {
        Objects.PutIngresses(Api, "a");
        Api.Compact();
        var start = Api.ResourceVersion - 1;

        var reply = await Client.GetAsync($"{Client.Ingresses}?watch=true&resourceVersion={start}", MetadataOnly);

        Assert.Equal(200, reply.Status);
        Assert.Equal(
            $$$"""{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version: {{{start}}} ({{{Api.ResourceVersion}}})","reason":"Expired","code":410}}""" + "\n",
            reply.Text);
    }

    [Fact]
    public async Task A_version_of_the_future_is_silent()
    {
        using var watch = await WatchAsync($"resourceVersion={Api.ResourceVersion + 2}&allowWatchBookmarks=true");
        Objects.PutIngresses(Api, "a");
        Advance(60);
        Objects.PutIngresses(Api, "b", "c");

        Assert.Equal($"ADDED c {Api.ResourceVersion}", await watch.NextAsync());
    }

    [Fact]
    public async Task A_streamed_list_of_the_future_ends_with_an_error()
    {
        var reply = await Client.GetAsync($"{Client.Ingresses}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999999");

        Assert.Equal(200, reply.Status);
        Assert.Equal(504, (int?)JsonNode.Parse(reply.Text)!["object"]!["code"]);
    }

    [Fact]
    public async Task Secrets_of_another_type_make_no_event_but_use_up_versions()
    {
        var start = Api.ResourceVersion;
        using var watch = await Client.WatchAsync($"/api/v1/namespaces/demo/secrets?watch=true&fieldSelector=type%3Dkubernetes.io%2Ftls&resourceVersion={start}");

        Api.Apply("""
            {kind: Secret, metadata: {name: opaque, namespace: demo}}
            ---
            {kind: Secret, metadata: {name: second, namespace: demo}, type: kubernetes.io/tls, data: {tls.crt: "", tls.key: ""}}
            """);
        Api.Delete("Secret", "demo", "opaque");
        Api.Delete("Secret", "demo", "second");

        Assert.Equal([$"ADDED second {start + 2}", $"DELETED second {start + 4}"], [await watch.NextAsync(), await watch.NextAsync()]);
    }

    [Fact]
    public async Task An_object_that_ceases_to_match_is_deleted_in_the_state_that_matched()
    {
        Objects.PutIngresses(Api, "a");
        var start = Api.ResourceVersion;
        using var watch = await WatchAsync($"labelSelector=sel%3Dyes&resourceVersion={start}");

        foreach (var labels in (string[])["""{"sel":"yes"}""", """{"z":"1"}""", """{"sel":"no","z":null}""", """{"sel":null}"""])
            await Client.PatchAsync($"{Client.Ingresses}/a", $$$"""{"metadata":{"labels":{{{labels}}}}}""");

        Assert.Equal([$"ADDED a {start + 1}", $"MODIFIED a {start + 2}"], [await watch.NextAsync(), await watch.NextAsync()]);
        var deleted = JsonNode.Parse((await watch.NextLineAsync())!)!;
        Assert.Equal("DELETED", (string?)deleted["type"]);
        Assert.Equal($"{start + 3}", (string?)deleted["object"]!["metadata"]!["resourceVersion"]);
        Assert.Equal("""{"sel":"yes","z":"1"}""", deleted["object"]!["metadata"]!["labels"]!.ToJsonString());
    }

    [Fact]
    public async Task Metadata_alone_comes_in_events_and_bookmarks()
    {
        using var watch = await WatchAsync($"resourceVersion={Api.ResourceVersion}&allowWatchBookmarks=true", MetadataOnly);

        Objects.PutIngresses(Api, "a");
        var added = JsonNode.Parse((await watch.NextLineAsync())!)!["object"]!.AsObject();
        Advance(60);

        Assert.Equal(["kind", "apiVersion", "metadata"], added.Select(member => member.Key));
        Assert.Equal("PartialObjectMetadata", (string?)added["kind"]);
        Assert.Equal(
            $$$$$"""{"type":"BOOKMARK","object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"{{{{{Api.ResourceVersion}}}}}"}}}""",
            await watch.NextLineAsync());
    }

    [Fact]
    public async Task A_chunk_ends_where_it_likes()
    {
        Objects.PutIngresses(Api, [.. Enumerable.Range(0, 20).Select(i => $"ingress-{i}")]);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, Api.Address.Port, TestContext.Current.CancellationToken);
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {Client.Ingresses}?watch=true HTTP/1.1\r\nHost: api\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(tcp.GetStream());
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 })
        {
        }

        Assert.Equal("800", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        var chunk = new char[0x800];
        await reader.ReadBlockAsync(chunk, TestContext.Current.CancellationToken);
        Assert.Contains('\n', chunk);
        Assert.NotEqual('\n', chunk[^1]);
    }

    [Fact]
    public async Task A_watch_is_a_stream_of_http2_as_well()
    {
        await using var api = await ApiServer.StartAsync(new ApiServerOptions { Tls = true });
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api.Address, $"{Client.Ingresses}?watch=true&resourceVersion={api.ResourceVersion}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var watch = new Client.Watch(await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));

        Objects.PutIngresses(api, "a");

        Assert.StartsWith("ADDED a", await watch.NextAsync(), StringComparison.Ordinal);
        api.Faults.EndWatches();
        Assert.Null(await watch.NextLineAsync());
    }

    [Fact]
    public async Task One_object_cannot_be_watched()
    {
        Objects.PutIngresses(Api, "a");

        var reply = await Client.GetAsync($"{Client.Ingresses}/a?watch=true");

        Assert.Equal("Ingress", (string?)reply.Json["kind"]);
        Assert.NotNull(reply.ContentHeaders.ContentLength);
    }

    private void Advance(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
