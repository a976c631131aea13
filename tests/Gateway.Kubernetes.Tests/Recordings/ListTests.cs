using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>LIST: pages, tokens, versions, selectors, forms of the answer.</summary>
public sealed class ListTests : RecordingTests
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Objects.PutIngresses(Api, "ing-a", "ing-b", "ing-c", "ing-d", "ing-e");
    }

    private Task<Client.Reply> ListAsync(string query) => Client.GetAsync($"{Client.Ingresses}?{query}");

    private static string[] Names(Client.Reply reply) =>
        [.. reply.Json["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!)];

    private static string? Token(Client.Reply reply) => (string?)reply.Json["metadata"]!["continue"];

    [Fact]
    public async Task All_pages_show_the_state_of_the_first()
    {
        var version = $"{Api.ResourceVersion}";
        var first = await ListAsync("limit=2");
        Objects.PutIngresses(Api, "ing-cc");
        Api.Apply(Objects.Ingress("ing-d", "{changed: between-pages}"));
        var second = await ListAsync($"limit=2&continue={Token(first)}");
        var third = await ListAsync($"limit=2&continue={Token(second)}");

        Assert.Equal(["ing-a", "ing-b"], Names(first));
        Assert.Equal(["ing-c", "ing-d"], Names(second));
        Assert.Equal(["ing-e"], Names(third));
        Assert.Equal([3, 1, null], new[] { first, second, third }.Select(page => (int?)page.Json["metadata"]!["remainingItemCount"]));
        Assert.All([first, second, third], page => Assert.Equal(version, (string?)page.Json["metadata"]!["resourceVersion"]));
        Assert.Null(second.Json["items"]![1]!["metadata"]!["labels"]!["changed"]);
        Assert.Equal($$"""{"resourceVersion":"{{version}}"}""", third.Json["metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task A_token_says_version_and_place()
    {
        var token = Token(await ListAsync("limit=2"))!;

        Assert.Equal(
            $$"""{"v":"meta.k8s.io/v1","rv":{{Api.ResourceVersion}},"start":"/ing-b\u0000"}""",
            Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)));
    }

    [Fact]
    public async Task A_token_without_a_limit_brings_the_whole_rest() =>
        Assert.Equal(["ing-c", "ing-d", "ing-e"], Names(await ListAsync($"continue={Token(await ListAsync("limit=2"))}")));

    [Fact]
    public async Task Items_have_no_kind_of_their_own_and_come_by_namespace_and_name()
    {
        Api.Apply(Objects.Ingress("quiet").Replace("namespace: demo", "namespace: other", StringComparison.Ordinal));
        Objects.PutIngresses(Api, "aa");

        var list = await Client.GetAsync("/apis/networking.k8s.io/v1/ingresses");

        Assert.Equal(("IngressList", "networking.k8s.io/v1"), ((string?)list.Json["kind"], (string?)list.Json["apiVersion"]));
        Assert.Equal(["aa", "ing-a", "ing-b", "ing-c", "ing-d", "ing-e", "quiet"], Names(list));
        Assert.Equal("metadata", list.Json["items"]![0]!.AsObject().First().Key);
    }

    [Fact]
    public async Task An_empty_list_has_items_and_a_version()
    {
        Assert.Equal(
            $$$"""{"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"{{{Api.ResourceVersion}}}"},"items":[]}""" + "\n",
            (await Client.GetAsync("/api/v1/namespaces/nowhere/secrets")).Text);
    }

    [Fact]
    public async Task With_a_selector_nothing_is_said_of_the_rest()
    {
        var page = await ListAsync("limit=2&fieldSelector=metadata.namespace%3Ddemo");

        Assert.NotNull(Token(page));
        Assert.False(page.Json["metadata"]!.AsObject().ContainsKey("remainingItemCount"));
    }

    [Fact]
    public async Task Version_zero_ignores_the_limit()
    {
        var list = await ListAsync("resourceVersion=0&limit=2");

        Assert.Equal(5, Names(list).Length);
        Assert.Null(Token(list));
    }

    [Theory]
    [InlineData("resourceVersion={0}&resourceVersionMatch=Exact", false)]
    [InlineData("resourceVersion={0}&limit=9", false)]
    [InlineData("resourceVersion={0}", true)]
    [InlineData("resourceVersion={0}&resourceVersionMatch=NotOlderThan&limit=9", true)]
    [InlineData("limit=-1", true)]
    public async Task A_version_means_exactly_that_one_or_at_least_that_one(string query, bool newest)
    {
        var version = Api.ResourceVersion;
        Objects.PutIngresses(Api, "ing-f");

        var list = await ListAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, query, version));

        Assert.Equal(newest ? 6 : 5, Names(list).Length);
        Assert.Equal($"{(newest ? Api.ResourceVersion : version)}", (string?)list.Json["metadata"]!["resourceVersion"]);
    }

    [Theory]
    [InlineData("resourceVersion=0&resourceVersionMatch=Exact", 422, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")]
    [InlineData("resourceVersion=1&resourceVersionMatch=Foo", 422, "Unsupported value: \"Foo\": supported values: \"Exact\", \"NotOlderThan\", \"\"")]
    [InlineData("resourceVersion=abc", 400, "invalid resource version: resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax")]
    [InlineData("limit=abc", 400, "strconv.ParseInt: parsing \"abc\": invalid syntax")]
    [InlineData("continue=abc", 400, "invalid continue token: continue key is not valid: ")]
    [InlineData("continue=abc&resourceVersionMatch=NotOlderThan", 422, "resourceVersionMatch is forbidden when continue is provided")]
    [InlineData("fieldSelector=spec.ingressClassName%3Dgw", 400, "\"spec.ingressClassName\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")]
    [InlineData("labelSelector=a%3D%3D%3Db", 400, "unable to parse requirement: found '=', expected: identifier")]
    public async Task A_wrong_combination_is_refused(string query, int status, string message)
    {
        var reply = await ListAsync(query);

        Assert.Equal(status, reply.Status);
        Assert.Contains(message, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_match_without_a_version_is_refused_as_recorded() => Assert.Equal(
        """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided","reason":"Invalid","details":{"group":"meta.k8s.io","kind":"ListOptions","causes":[{"reason":"FieldValueForbidden","message":"Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided","field":"resourceVersionMatch"}]},"code":422}""" + "\n",
        (await ListAsync("resourceVersionMatch=Exact")).Text);

    [Fact]
    public async Task A_token_with_a_version_is_refused_as_recorded() => Assert.Equal(
        """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"specifying resource version is not allowed when using continue","reason":"BadRequest","code":400}""" + "\n",
        (await ListAsync($"continue={Token(await ListAsync("limit=2"))}&resourceVersion=5")).Text);

    [Fact]
    public async Task A_version_of_the_future_is_a_timeout_to_be_retried()
    {
        var reply = await ListAsync("resourceVersion=999999999");

        Assert.Equal(504, reply.Status);
        Assert.Equal(TimeSpan.FromSeconds(1), reply.Headers.RetryAfter!.Delta);
        Assert.Equal(
            $$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Timeout: Too large resource version: 999999999, current: {{{Api.ResourceVersion}}}","reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1},"code":504}""" + "\n",
            reply.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_expired_token_is_gone_and_offers_the_newest_rest(bool byCompaction)
    {
        var token = Token(await ListAsync("limit=2"));
        Objects.PutIngresses(Api, "ing-cc");
        if (byCompaction)
            Api.Compact();
        Api.Faults.ExpireContinue = !byCompaction;

        var gone = await ListAsync($"limit=2&continue={token}");
        Api.Faults.ExpireContinue = false;
        var rest = await ListAsync($"limit=2&continue={Token(gone)}");

        Assert.Equal(410, gone.Status);
        Assert.Equal(
            """{"kind":"Status","apiVersion":"v1","metadata":{"continue":"eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiaW5nLWJcdTAwMDAifQ"},"status":"Failure","message":"The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.","reason":"Expired","code":410}""" + "\n",
            gone.Text);
        Assert.Equal(["ing-c", "ing-cc"], Names(rest));
        Assert.Equal($"{Api.ResourceVersion}", (string?)rest.Json["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task Only_an_exact_read_of_a_forgotten_version_is_gone()
    {
        var version = Api.ResourceVersion;
        Objects.PutIngresses(Api, "ing-f");
        Api.Compact();

        Assert.Equal(
            """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"The resourceVersion for the provided list is too old.","reason":"Expired","code":410}""" + "\n",
            (await ListAsync($"resourceVersion={version}&resourceVersionMatch=Exact")).Text);
        Assert.Equal(200, (await ListAsync($"resourceVersion={version}&resourceVersionMatch=NotOlderThan")).Status);
    }

    [Theory]
    [InlineData("type%3Dkubernetes.io%2Ftls", "tls")]
    [InlineData("type!%3Dkubernetes.io%2Ftls", "opaque")]
    public async Task Secrets_are_selected_by_type(string selector, string name)
    {
        Api.Apply("""
            {kind: Secret, metadata: {name: tls, namespace: demo}, type: kubernetes.io/tls, data: {tls.crt: "", tls.key: ""}}
            ---
            {kind: Secret, metadata: {name: opaque, namespace: demo}, stringData: {a: b}}
            """);

        Assert.Equal([name], Names(await Client.GetAsync($"/api/v1/secrets?fieldSelector={selector}")));
        Assert.Equal("field label not supported: foo", (await Client.GetAsync("/api/v1/secrets?fieldSelector=foo%3Dbar")).Message);
    }

    [Theory]
    [InlineData("tier%3Dfront", "x")]
    [InlineData("tier+in+(front,middle),!dead", "x")]
    [InlineData("tier!%3Dfront,tier", "y")]
    [InlineData("tier+notin+(front),dead", "y")]
    public async Task Labels_are_selected_by_equality_sets_and_presence(string selector, string name)
    {
        Api.Apply(Objects.Ingress("x", "{tier: front}"));
        Api.Apply(Objects.Ingress("y", "{tier: back, dead: \"\"}"));

        Assert.Equal([name], Names(await ListAsync($"labelSelector={selector}")));
    }

    [Fact]
    public async Task Metadata_alone_has_kinds_of_its_own()
    {
        var list = await Client.GetAsync($"{Client.Ingresses}?limit=2", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        var one = await Client.GetAsync($"{Client.Ingresses}/ing-a", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");

        Assert.Equal(("PartialObjectMetadataList", "meta.k8s.io/v1"), ((string?)list.Json["kind"], (string?)list.Json["apiVersion"]));
        Assert.All(
            [list.Json["items"]![0]!.AsObject(), one.Json],
            item =>
            {
                Assert.Equal(["kind", "apiVersion", "metadata"], item.Select(member => member.Key));
                Assert.Equal("PartialObjectMetadata", (string?)item["kind"]);
                Assert.Equal("ing-a", (string?)item["metadata"]!["name"]);
            });
    }

    [Fact]
    public async Task Large_lists_are_compressed_when_gzip_is_offered_small_ones_have_a_length()
    {
        using var handler = new HttpClientHandler();
        using var plain = new HttpClient(handler) { BaseAddress = Api.Address };
        plain.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip");
        var small = await plain.GetAsync($"{Client.Ingresses}?limit=1", TestContext.Current.CancellationToken);
        Api.Put(new JsonObject
        {
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "big", ["namespace"] = "demo" },
            ["data"] = new JsonObject { ["a"] = new string('x', 200_000) },
        });
        var large = await plain.GetAsync("/api/v1/configmaps", TestContext.Current.CancellationToken);

        Assert.Empty(small.Content.Headers.ContentEncoding);
        Assert.NotNull(small.Content.Headers.ContentLength);
        Assert.Equal(["gzip"], large.Content.Headers.ContentEncoding);
        Assert.InRange(large.Content.Headers.ContentLength!.Value, 1, 20_000);
    }
}
