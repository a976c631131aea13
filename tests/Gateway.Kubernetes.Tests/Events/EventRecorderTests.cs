using System.Text.Json.Nodes;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Kubernetes.Events;
using Gateway.Kubernetes.Status;
using Gateway.Kubernetes.Tests.Simulated;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Kubernetes.Tests.Events;

public sealed class EventRecorderTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly ObjectName Web = new("shop", "web");
    private static readonly Diagnostic Wrong = new(
        DiagnosticSeverity.Error, new ResourceKey(ResourceKind.Ingress, Web), "spec.rules[0].http.paths[0].backend", "web:80",
        "the Service does not exist", "Create it");

    /// <summary>One replica with its own view and diagnostics.</summary>
    private sealed class Replica
    {
        public Replica(Simulation simulation, ScriptedApi api, string name = "gateway-1", EventOptions? options = null)
        {
            (var client, Connection) = api.Connect(name);
            Recorder = new EventRecorder(client, Diagnostics, View, options ?? new EventOptions(name), simulation.Time, NullLogger.Instance);
        }

        public DiagnosticLog Diagnostics { get; } = new();

        public IngressStatusView View { get; } = new();

        public EventRecorder Recorder { get; }

        public ScriptedApi.Connection Connection { get; }

        public Action Resign { get; private set; } = () => { };

        public Task Lead()
        {
            var leading = new CancellationTokenSource();
            Resign = leading.Cancel;
            return Recorder.RunAsync(leading.Token);
        }

        public void Report(params Diagnostic[] diagnostics) => Diagnostics.Replace("ingress:shop/web", diagnostics);

        /// <summary>So much is wrong with another Ingress.</summary>
        public void Noise(int count) => Diagnostics.Replace("ingress:shop/noisy", [.. Enumerable.Range(0, count).Select(i =>
            Wrong with { Subject = new ResourceKey(ResourceKind.Ingress, new ObjectName("shop", "noisy")), Field = $"spec.rules[{i}]" })]);

        public void Withdraw(params string[] names) => View.Apply(new ConfigurationDelta
        {
            Settings = GatewaySettings.Default,
            RemovedIngresses = [.. names.Select(name => new ObjectName("shop", name))],
        });

        public void Serve(params string[] names)
        {
            foreach (var name in names)
                View.Observe(new ObjectName("shop", name), new IngressStatus($"uid-of-{name}", "1", []));
            View.Apply(new ConfigurationDelta
            {
                Settings = GatewaySettings.Default,
                Ingresses = [.. names.Select(name => new ServedIngress(new ObjectName("shop", name), "gw", null))],
            });
        }
    }

    private static void Run(Action<Simulation, ScriptedApi> test) => Simulation.Run(simulation => test(simulation, new ScriptedApi(simulation.Time)));

    private static JsonObject[] EventsOf(ScriptedApi api) =>
        [.. api.Requests.Where(request => request is { Method: "POST", Status: 201 }).Select(request => api.Get($"{request.Path}/{request.Body!["metadata"]!["name"]}")!)];

    [Fact]
    public void A_diagnostic_becomes_a_Warning_on_its_object_in_its_own_words() => Run((simulation, api) =>
    {
        api.Put("/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web", new JsonObject { ["metadata"] = new JsonObject { ["uid"] = "the-uid" } });
        var replica = new Replica(simulation, api);
        _ = replica.Lead();
        replica.Report(Wrong);
        simulation.Advance(Second);

        var told = Assert.Single(EventsOf(api));
        Assert.Equal(Wrong.ToString(), (string?)told["note"]);
        Assert.Equal("Warning", (string?)told["type"]);
        Assert.Equal("NotServed", (string?)told["reason"]);
        Assert.Equal("""{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","name":"web","namespace":"shop","uid":"the-uid"}""", told["regarding"]!.ToJsonString());
        Assert.Equal("gateway-1", (string?)told["reportingInstance"]);
        Assert.Equal("gateway.yarp/ingress-controller", (string?)told["reportingController"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", (string)told["eventTime"]!);
        Assert.Matches("^web\\.[0-9a-f]{16}$", (string)told["metadata"]!["name"]!);
        Assert.Equal("shop", (string?)told["metadata"]!["namespace"]);
    });

    [Fact]
    public void What_holds_when_a_replica_begins_to_lead_is_told_then() => Run((simulation, api) =>
    {
        var replica = new Replica(simulation, api);
        replica.Serve("web");
        replica.Report(Wrong, Wrong with { Severity = DiagnosticSeverity.Warning });
        simulation.Advance(10 * Second);
        Assert.Empty(api.Requests);

        _ = replica.Lead();
        simulation.Advance(Second);
        Assert.Equal(["NotServed", "ServedOtherwise", "Sync"], EventsOf(api).Select(told => (string)told["reason"]!).Order());
    });

    [Fact]
    public void A_Sync_comes_once_for_each_Ingress_whatever_replica_leads() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        var b = new Replica(simulation, api, "b");
        foreach (var replica in new[] { a, b, a })
        {
            replica.Serve("web", "api");
            _ = replica.Lead();
            replica.Serve("web", "api");
            simulation.Advance(60 * Second);
            replica.Resign();
            simulation.Settle();
        }

        var events = EventsOf(api);
        Assert.Equal(["Scheduled for sync", "Scheduled for sync"], events.Select(told => (string)told["note"]!));
        Assert.All(events, told => Assert.Equal("Normal", (string?)told["type"]));
        Assert.All(events, told => Assert.Null(told["series"]));
        Assert.Equal(["uid-of-api", "uid-of-web"], events.Select(told => (string)told["regarding"]!["uid"]!).Order());
    });

    [Fact]
    public void What_comes_again_and_again_raises_the_count_at_most_every_half_minute() => Run((simulation, api) =>
    {
        var replica = new Replica(simulation, api);
        replica.Serve("web");
        _ = replica.Lead();
        for (var i = 0; i < 300; i++)
        {
            replica.Report(Wrong);
            simulation.Settle();
            replica.Report();
            simulation.Advance(Second);
        }
        simulation.Advance(60 * Second);

        var told = Assert.Single(EventsOf(api), told => (string?)told["type"] == "Warning");
        Assert.Equal(300, (int)told["series"]!["count"]!);
        Assert.Matches(@"\.\d{6}Z$", (string)told["series"]!["lastObservedTime"]!);
        Assert.InRange(api.Requests.Count(request => request.Method == "PATCH"), 9, 11);
    });

    [Fact]
    public void A_new_leader_goes_on_with_the_Event_of_the_one_before() => Run((simulation, api) =>
    {
        for (var i = 0; i < 3; i++)
        {
            var replica = new Replica(simulation, api, $"pod-{i}");
            replica.View.Observe(Web, new IngressStatus("uid", "1", []));
            replica.Report(Wrong);
            _ = replica.Lead();
            simulation.Advance(60 * Second);
            replica.Resign();
        }

        var told = Assert.Single(EventsOf(api));
        Assert.Equal(3, (int)told["series"]!["count"]!);
    });

    [Fact]
    public void An_object_made_anew_under_its_name_has_Events_of_its_own() => Run((simulation, api) =>
    {
        foreach (var uid in (string[])["first", "second"])
        {
            var replica = new Replica(simulation, api);
            replica.View.Observe(Web, new IngressStatus(uid, "1", []));
            replica.Report(Wrong);
            _ = replica.Lead();
            simulation.Advance(60 * Second);
            replica.Resign();
        }

        Assert.Equal(["first", "second"], EventsOf(api).Select(told => (string)told["regarding"]!["uid"]!));
    });

    [Fact]
    public void An_Event_that_has_expired_is_made_anew() => Run((simulation, api) =>
    {
        var replica = new Replica(simulation, api);
        replica.View.Observe(Web, new IngressStatus("uid", "1", []));
        _ = replica.Lead();
        replica.Report(Wrong);
        simulation.Advance(Second);
        var path = $"/apis/events.k8s.io/v1/namespaces/shop/events/{EventsOf(api)[0]["metadata"]!["name"]}";
        api.Delete(path);
        replica.Report();
        replica.Report(Wrong);
        simulation.Advance(60 * Second);

        Assert.Equal(Wrong.ToString(), (string?)api.Get(path)!["note"]);
    });

    [Fact]
    public void An_Event_about_an_object_of_the_cluster_lies_in_the_default_namespace() => Run((simulation, api) =>
    {
        api.Put("/apis/networking.k8s.io/v1/ingressclasses/gw", []);
        var replica = new Replica(simulation, api);
        _ = replica.Lead();
        replica.Report(Wrong with { Subject = new ResourceKey(ResourceKind.IngressClass, new ObjectName("", "gw")) });
        simulation.Advance(Second);

        var told = Assert.Single(EventsOf(api));
        Assert.Equal("default", (string?)told["metadata"]!["namespace"]);
        Assert.Null(told["regarding"]!["namespace"]);
    });

    [Fact]
    public void A_long_text_is_cut_to_what_the_API_server_takes() => Run((simulation, api) =>
    {
        var replica = new Replica(simulation, api);
        replica.View.Observe(Web, new IngressStatus("uid", "1", []));
        _ = replica.Lead();
        replica.Report(Wrong with { Problem = string.Concat(Enumerable.Repeat("ü😀", 600)) });
        simulation.Advance(Second);

        var note = (string)Assert.Single(EventsOf(api))["note"]!;
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(note), 1000, 1024);
        Assert.EndsWith("…", note);
        Assert.DoesNotContain('\ufffd', note);
    });

    [Fact]
    public void Names_that_are_long_or_end_in_a_dot_when_cut_make_valid_Event_names()
    {
        foreach (var length in Enumerable.Range(190, 64))
        {
            var occurrence = Occurrence.Sync(new ObjectName("shop", string.Concat(Enumerable.Repeat("a.b-c.", 50))[..length]));
            Assert.Matches(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", occurrence.EventName("uid"));
            Assert.True(occurrence.EventName("uid").Length <= 253);
        }
    }

    [Fact]
    public void Without_the_right_to_write_Events_it_soon_stops_asking() => Run((simulation, api) =>
    {
        api.Intercept = _ => ScriptedApi.Refuse(403, "Forbidden");
        var replica = new Replica(simulation, api);
        _ = replica.Lead();
        replica.Serve([.. Enumerable.Range(0, 1000).Select(i => $"web-{i}")]);
        simulation.Advance(100 * Second);

        Assert.Single(api.Requests);
        Assert.Equal(1000, replica.Recorder.Dropped);
    });

    [Fact]
    public void A_flood_is_limited_in_rate_and_length_and_warnings_go_first() => Run((simulation, api) =>
    {
        var replica = new Replica(simulation, api, options: new EventOptions("gateway-1") { QueueLength = 500 });
        _ = replica.Lead();
        replica.Serve([.. Enumerable.Range(0, 2000).Select(i => $"web-{i}")]);
        replica.View.Observe(Web, new IngressStatus("uid", "1", []));
        replica.Report(Wrong);
        simulation.Advance(10 * Second);

        Assert.Equal(1500, replica.Recorder.Dropped);
        Assert.Equal("Warning", (string?)api.Requests[0].Body!["type"]);
        Assert.InRange(api.Requests.Count, 120, 130);
    });

    [Fact]
    public void What_is_new_is_told_before_what_a_new_leader_repeats() => Run((simulation, api) =>
    {
        var replica = new Replica(simulation, api);
        replica.Serve([.. Enumerable.Range(0, 1000).Select(i => $"web-{i}")]);
        replica.Diagnostics.Replace("old", [.. Enumerable.Range(0, 1000).Select(i => Wrong with { Subject = new ResourceKey(ResourceKind.Ingress, new ObjectName("shop", $"web-{i}")) })]);
        _ = replica.Lead();
        simulation.Advance(10 * Second);
        replica.View.Observe(Web, new IngressStatus("uid", "1", []));
        replica.Report(Wrong);
        simulation.Advance(Second);

        Assert.Contains(EventsOf(api), told => (string?)told["note"] == Wrong.ToString());
    });

    [Fact]
    public void An_object_with_much_to_be_told_of_keeps_no_other_waiting() => Run((simulation, api) =>
    {
        var replica = new Replica(simulation, api, options: new EventOptions("gateway-1") { QueueLength = 500 });
        replica.View.Observe(Web, new IngressStatus("uid", "1", []));
        replica.View.Observe(new ObjectName("shop", "noisy"), new IngressStatus("uid-of-noisy", "1", []));
        _ = replica.Lead();
        replica.Noise(5_000);
        simulation.Advance(Second);
        replica.Report(Wrong, Wrong with { Field = "spec.rules[1]" });
        simulation.Advance(Second);

        Assert.Equal(2, EventsOf(api).Count(told => (string?)told["regarding"]!["name"] == "web"));
        Assert.Equal(4_900, replica.Recorder.Dropped);
        simulation.Advance(60 * Second);
        Assert.Equal(102, EventsOf(api).Length);
    });

    [Fact]
    public void What_is_cured_before_its_turn_is_not_told_and_leaves_its_place_to_others() => Run((simulation, api) =>
    {
        var replica = new Replica(simulation, api);
        replica.View.Observe(new ObjectName("shop", "noisy"), new IngressStatus("uid", "1", []));
        _ = replica.Lead();
        replica.Noise(100);
        simulation.Advance(Second);
        replica.Noise(0);
        var told = EventsOf(api).Length;
        Assert.InRange(told, 25, 40);
        simulation.Advance(60 * Second);
        // One was under way.
        Assert.Equal(told + 1, EventsOf(api).Length);

        replica.Noise(100);
        simulation.Advance(60 * Second);
        Assert.Equal(100, EventsOf(api).Length);
        Assert.Equal(0, replica.Recorder.Dropped);
    });

    [Fact]
    public void An_Ingress_that_is_gone_before_its_turn_is_told_nothing_of() => Run((simulation, api) =>
    {
        var replica = new Replica(simulation, api, options: new EventOptions("gateway-1") { QueueLength = 1_000 });
        string[] names = [.. Enumerable.Range(0, 1_000).Select(i => $"web-{i}")];
        _ = replica.Lead();
        replica.Serve(names);
        simulation.Advance(Second);
        replica.Withdraw(names);
        var told = EventsOf(api).Length;
        replica.Serve("web");
        simulation.Advance(60 * Second);

        // One was under way, and the new one.
        Assert.Equal(told + 2, EventsOf(api).Length);
        Assert.Equal(0, replica.Recorder.Dropped);
    });

    [Fact]
    public void An_API_server_that_is_away_loses_no_Event() => Run((simulation, api) =>
    {
        var replica = new Replica(simulation, api);
        replica.View.Observe(Web, new IngressStatus("uid", "1", []));
        replica.Connection.IsRefused = true;
        _ = replica.Lead();
        replica.Report(Wrong);
        simulation.Advance(10 * Second);
        replica.Connection.IsRefused = false;
        simulation.Advance(10 * Second);

        Assert.Single(EventsOf(api));
    });

    [Fact]
    public void An_object_that_is_gone_gets_no_Event() => Run((simulation, api) =>
    {
        var replica = new Replica(simulation, api);
        _ = replica.Lead();
        replica.Report(Wrong);
        simulation.Advance(100 * Second);

        Assert.Equal(["GET 404"], api.Requests.Select(request => $"{request.Method} {request.Status}"));
    });
}
