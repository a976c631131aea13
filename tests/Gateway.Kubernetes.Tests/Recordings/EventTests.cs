using System.Text.Json.Nodes;

namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>events.k8s.io/v1 Events.</summary>
public sealed class EventTests : RecordingTests
{
    private const string Events = "/apis/events.k8s.io/v1/namespaces/demo/events";

    private static JsonObject Event() => JsonNode.Parse("""
        {"metadata":{"name":"x"},"eventTime":"2026-11-24T11:56:32.412766Z","reportingController":"example.com/gateway","reportingInstance":"gateway-7c9f-abcde",
         "action":"Sync","reason":"Sync","regarding":{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","namespace":"demo","name":"ing-a"},
         "note":"Scheduled for sync","type":"Normal"}
        """)!.AsObject();

    private Task<Client.Reply> CreateAsync(JsonObject sent, string ns = "demo") =>
        Client.SendAsync("POST", Events.Replace("demo", ns, StringComparison.Ordinal), sent.ToJsonString());

    [Fact]
    public async Task An_event_is_stored_with_the_old_fields_empty()
    {
        var reply = await CreateAsync(Event());

        Assert.Equal(201, reply.Status);
        Assert.Equal("{}", reply.Json["deprecatedSource"]!.ToJsonString());
        Assert.True(reply.Json.TryGetPropertyValue("deprecatedFirstTimestamp", out var first) && first is null);
        Assert.True(reply.Json.TryGetPropertyValue("deprecatedLastTimestamp", out var last) && last is null);
        Assert.False(reply.Json["metadata"]!.AsObject().ContainsKey("generation"));
        Assert.Equal("events.events.k8s.io \"x\" already exists", (await CreateAsync(Event())).Message);
    }

    [Theory]
    [InlineData("eventTime", null, "eventTime: Required value")]
    [InlineData("reportingInstance", null, "reportingInstance: Required value")]
    [InlineData("action", null, "action: Required value")]
    [InlineData("reason", null, "reason: Required value")]
    [InlineData("regarding", null, "involvedObject.namespace: Invalid value: \"\": does not match event.namespace")]
    [InlineData("type", null, "type: Invalid value: \"\": has invalid value: ")]
    [InlineData("type", "\"Fatal\"", "type: Invalid value: \"\": has invalid value: Fatal")]
    [InlineData("regarding", """{"kind":"IngressClass","name":"gw"}""", "involvedObject.namespace: Invalid value: \"\": does not match event.namespace")]
    [InlineData("series", """{"count":1,"lastObservedTime":"2026-11-24T11:56:32.412766Z"}""", "series.count: Invalid value: \"\": should be at least 2")]
    [InlineData("series", """{"count":2}""", "series.lastObservedTime: Required value")]
    public async Task A_missing_or_wrong_field_is_named_as_in_core_v1(string field, string? json, string problem)
    {
        var sent = Event();
        sent[field] = json is null ? null : JsonNode.Parse(json);

        var reply = await CreateAsync(sent);

        Assert.Equal((422, $"Event \"x\" is invalid: {problem}"), (reply.Status, reply.Message));
        Assert.Equal(["name", "kind", "causes"], reply.Json["details"]!.AsObject().Select(member => member.Key));
    }

    [Theory]
    [InlineData("note", 1025, "message: Invalid value: \"\": can have at most 1024 characters")]
    [InlineData("action", 129, "action: Invalid value: \"\": can have at most 128 characters")]
    [InlineData("reason", 129, "reason: Invalid value: \"\": can have at most 128 characters")]
    [InlineData("reportingInstance", 129, "reportingInstance: Invalid value: \"\": can have at most 128 characters")]
    public async Task Texts_have_a_limit(string field, int length, string problem)
    {
        var sent = Event();
        sent[field] = new string('x', length);

        Assert.Equal($"Event \"x\" is invalid: {problem}", (await CreateAsync(sent)).Message);
    }

    [Fact]
    public async Task A_missing_controller_is_three_causes()
    {
        var sent = Event();
        sent.Remove("reportingController");

        var reply = await CreateAsync(sent);

        Assert.StartsWith("Event \"x\" is invalid: [reportingController: Required value, reportingController: Invalid value: \"\": name part must be non-empty, ", reply.Message, StringComparison.Ordinal);
        Assert.Equal(["FieldValueRequired", "FieldValueInvalid", "FieldValueInvalid"], reply.Json["details"]!["causes"]!.AsArray().Select(cause => (string)cause!["reason"]!));
    }

    [Theory]
    [InlineData("note")]
    [InlineData("reportingController")]
    public async Task Not_everything_is_demanded(string field)
    {
        var sent = Event();
        sent[field] = field == "note" ? null : "gateway";

        Assert.Equal(201, (await CreateAsync(sent)).Status);
    }

    [Fact]
    public async Task An_event_about_a_cluster_object_lies_in_default()
    {
        var sent = Event();
        sent["regarding"] = new JsonObject { ["kind"] = "IngressClass", ["name"] = "gw" };

        Assert.Equal(201, (await CreateAsync(sent, "default")).Status);
    }

    [Fact]
    public async Task Times_have_six_digits()
    {
        var sent = Event();
        sent["eventTime"] = "2026-01-02T03:04:05Z";

        var reply = await CreateAsync(sent);

        Assert.Equal(
            (400, "Event in version \"v1\" cannot be handled as a Event: parsing time \"2026-01-02T03:04:05Z\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"Z\" as \".000000\""),
            (reply.Status, reply.Message));
    }

    [Fact]
    public async Task A_series_grows_by_patches()
    {
        await CreateAsync(Event());

        foreach (var count in (int[])[2, 3])
        {
            var reply = await Client.PatchAsync($"{Events}/x", $$$"""{"series":{"count":{{{count}}},"lastObservedTime":"2026-11-24T11:56:32.736347Z"}}""");
            Assert.Equal((200, count), (reply.Status, (int)reply.Json["series"]!["count"]!));
        }
    }

    [Theory]
    [InlineData("""{"note":"other text"}""", "message: Invalid value: \"other text\": field is immutable")]
    [InlineData("""{"type":"Warning"}""", "type: Invalid value: \"Warning\": field is immutable")]
    [InlineData("""{"eventTime":"2026-11-24T11:56:32.857934Z"}""", "eventTime: Invalid value: \"2026-11-24T11:56:32.857934Z\": field is immutable")]
    public async Task Nothing_else_changes(string patch, string problem)
    {
        await CreateAsync(Event());

        var reply = await Client.PatchAsync($"{Events}/x", patch);

        Assert.Equal((422, $"Event \"x\" is invalid: {problem}"), (reply.Status, reply.Message));
    }

    [Fact]
    public async Task A_patch_of_an_event_that_is_gone_is_not_found() =>
        Assert.Equal("events.events.k8s.io \"nope\" not found", (await Client.PatchAsync($"{Events}/nope", "{}")).Message);
}
