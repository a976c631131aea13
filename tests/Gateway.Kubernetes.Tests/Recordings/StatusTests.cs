namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>The status of an Ingress, and what generation and resourceVersion count.</summary>
public sealed class StatusTests : RecordingTests
{
    private const string St = $"{Client.Ingresses}/st";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Objects.PutIngresses(Api, "st");
    }

    private (long Generation, long Version, string Status, string? Host, string Labels) Stored()
    {
        var ingress = Api.Get("Ingress", "demo", "st")!;
        return ((long)ingress["metadata"]!["generation"]!, long.Parse((string)ingress["metadata"]!["resourceVersion"]!, System.Globalization.CultureInfo.InvariantCulture),
            ingress["status"]!.ToJsonString(), (string?)ingress["spec"]!["rules"]?[0]!["host"], ingress["metadata"]!["labels"]?.ToJsonString() ?? "{}");
    }

    [Fact]
    public async Task A_status_patch_moves_the_version_and_not_the_generation()
    {
        var before = Stored();

        var reply = await Client.PatchAsync($"{St}/status", $$$$"""{"metadata":{"resourceVersion":"{{{{before.Version}}}}"},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.3"}]}}}""");

        Assert.Equal(200, reply.Status);
        Assert.Equal("""{"loadBalancer":{"ingress":[{"ip":"192.0.2.3"}]}}""", reply.Json["status"]!.ToJsonString());
        Assert.Equal((1, before.Version + 1), (Stored().Generation, Stored().Version));
    }

    [Fact]
    public async Task A_list_set_to_null_is_gone_and_then_nothing_changes_any_more()
    {
        await Client.PatchAsync($"{St}/status", """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.3"}]}}}""");
        await Client.PatchAsync($"{St}/status", """{"status":{"loadBalancer":{"ingress":null}}}""");
        var gone = Stored();

        await Client.PatchAsync($"{St}/status", """{"status":null}""");
        await Client.PatchAsync($"{St}/status", """{"status":{"loadBalancer":{"ingress":[]}}}""");

        Assert.Equal("""{"loadBalancer":{}}""", gone.Status);
        Assert.Equal(gone, Stored());
    }

    [Fact]
    public async Task The_status_path_writes_labels_and_no_spec()
    {
        await Client.PatchAsync($"{St}/status", """{"spec":{"rules":null},"metadata":{"labels":{"a":"b"}},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.2"}]}}}""");

        Assert.Equal(("st.example", """{"a":"b"}""", """{"loadBalancer":{"ingress":[{"ip":"192.0.2.2"}]}}"""), (Stored().Host, Stored().Labels, Stored().Status));
    }

    [Fact]
    public async Task The_object_path_writes_no_status_and_no_generation()
    {
        var before = Stored();

        await Client.PatchAsync(St, """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.99"}]}},"metadata":{"generation":99}}""");

        Assert.Equal(before, Stored());
    }

    [Fact]
    public async Task A_spec_moves_the_generation_and_labels_do_not()
    {
        await Client.PatchAsync(St, """{"metadata":{"labels":{"v":"2"},"annotations":{"c":"d"}}}""");
        Assert.Equal(1, Stored().Generation);

        await Client.PatchAsync(St, """{"spec":{"rules":[{"host":"n.example"}]}}""");
        await Client.PatchAsync(St, """{"spec":{"rules":[{"host":"n.example"}]}}""");

        Assert.Equal((2, "n.example"), (Stored().Generation, Stored().Host));
    }

    [Fact]
    public async Task A_put_without_a_version_wins()
    {
        var reply = await Client.SendAsync("PUT", St, """{"metadata":{"name":"st"},"spec":{"rules":[{"host":"put.example"}]}}""");

        Assert.Equal((200, "put.example"), (reply.Status, Stored().Host));
    }

    [Fact]
    public async Task A_put_status_takes_status_and_labels_only()
    {
        await Client.SendAsync("PUT", $"{St}/status", """{"metadata":{"name":"st","labels":{"viastatus":"1"}},"spec":{},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.2"}]}}}""");

        Assert.Equal(("st.example", """{"viastatus":"1"}""", """{"loadBalancer":{"ingress":[{"ip":"192.0.2.2"}]}}"""), (Stored().Host, Stored().Labels, Stored().Status));
    }

    [Theory]
    [InlineData("""{"ip":"not-an-ip"}""", "status.loadBalancer.ingress[0].ip: Invalid value: \"not-an-ip\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("""{"hostname":"192.0.2.1"}""", "status.loadBalancer.ingress[0].hostname: Invalid value: \"192.0.2.1\": must be a DNS name, not an IP address")]
    public async Task An_address_that_is_none_is_refused(string address, string message)
    {
        var reply = await Client.PatchAsync($"{St}/status", $$$$"""{"status":{"loadBalancer":{"ingress":[{{{{address}}}}]}}}""");

        Assert.Equal((422, $"Ingress.networking.k8s.io \"st\" is invalid: {message}"), (reply.Status, reply.Message));
    }

    [Fact]
    public async Task The_status_path_reads_the_whole_object() =>
        Assert.Equal((await Client.GetAsync(St)).Text, (await Client.GetAsync($"{St}/status")).Text);

    [Fact]
    public async Task A_finalizer_holds_a_deleted_object()
    {
        await Client.PatchAsync(St, """{"metadata":{"finalizers":["example.com/hold"]}}""");
        using var watch = await Client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={Api.ResourceVersion}");

        var deleted = (await Client.SendAsync("DELETE", St)).Json["metadata"]!;
        var again = await Client.SendAsync("DELETE", St);
        var freed = await Client.PatchAsync(St, """{"metadata":{"finalizers":null}}""");

        Assert.Equal((2, 0), ((int)deleted["generation"]!, (int)deleted["deletionGracePeriodSeconds"]!));
        Assert.NotNull(deleted["deletionTimestamp"]);
        Assert.Equal((200, 200, 404), (again.Status, freed.Status, (await Client.GetAsync(St)).Status));
        Assert.StartsWith("MODIFIED st", await watch.NextAsync(), StringComparison.Ordinal);
        var last = await watch.NextLineAsync();
        Assert.StartsWith("{\"type\":\"DELETED\"", last, StringComparison.Ordinal);
        Assert.Contains("example.com/hold", last, StringComparison.Ordinal);
    }
}
