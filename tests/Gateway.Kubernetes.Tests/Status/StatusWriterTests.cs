using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Kubernetes.Status;
using Gateway.Kubernetes.Tests.Simulated;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Kubernetes.Tests.Status;

public sealed class StatusWriterTests
{
    private const string Ours = "192.0.2.10";
    private const string OurController = "gateway.yarp/ingress-controller";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>The writer with a view that hears of every change at once, as from an informer.</summary>
    private sealed class World
    {
        public World(Simulation simulation, StatusOptions? options = null, StatusAddressOptions? addresses = null)
        {
            Simulation = simulation;
            Api = new ScriptedApi(simulation.Time);
            (var client, Connection) = Api.Connect("gateway");
            Api.Changed = (path, ingress) =>
            {
                if (Informs)
                    Inform(path, ingress);
            };
            Writer = new StatusWriter(
                client, View, new StatusAddresses(client, addresses ?? new StatusAddressOptions { Addresses = [Ours] }, NullLogger.Instance),
                options ?? new StatusOptions(), scope => Reports.Add(scope), simulation.Time, NullLogger.Instance);
        }

        public Simulation Simulation { get; }

        public ScriptedApi Api { get; }

        public ScriptedApi.Connection Connection { get; }

        public IngressStatusView View { get; } = new();

        public StatusWriter Writer { get; }

        public List<DiagnosticScope> Reports { get; } = [];

        public bool Informs { get; set; } = true;

        public IEnumerable<ScriptedRequest> Patches => Api.Requests.Where(request => request.Method == "PATCH");

        public Task Lead()
        {
            var leading = new CancellationTokenSource();
            Resign = leading.Cancel;
            return Writer.RunAsync(leading.Token);
        }

        public Action Resign { get; private set; } = () => { };

        public static string PathOf(string name) => $"/apis/networking.k8s.io/v1/namespaces/shop/ingresses/{name}";

        public void Create(string name, params string[] addresses) => Api.Put(PathOf(name), new JsonObject
        {
            ["spec"] = new JsonObject { ["ingressClassName"] = "gw" },
            ["status"] = new JsonObject { ["loadBalancer"] = addresses.Length == 0 ? new JsonObject() : new JsonObject { ["ingress"] = Entries(addresses) } },
        });

        /// <summary>What another controller does.</summary>
        public void Overwrite(string name, string manager, params string[] addresses)
        {
            var ingress = Api.Get(PathOf(name))!.DeepClone().AsObject();
            ingress["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = Entries(addresses) } };
            ingress["metadata"]!["managedFields"] = ScriptedApi.StatusOwnedBy(manager);
            Api.Put(PathOf(name), ingress);
        }

        public void Serve(string name, string? ingressClass = "gw", string? controller = OurController) => View.Apply(new ConfigurationDelta
        {
            Settings = GatewaySettings.Default,
            Ingresses = [new ServedIngress(new ObjectName("shop", name), ingressClass, controller)],
        });

        public void Withdraw(string name) => View.Apply(new ConfigurationDelta
        {
            Settings = GatewaySettings.Default,
            RemovedIngresses = [new ObjectName("shop", name)],
        });

        public string[] Addresses(string name) =>
            [.. (Api.Get(PathOf(name))!["status"]?["loadBalancer"]?["ingress"] as JsonArray ?? []).Select(entry => (string)(entry!["ip"] ?? entry["hostname"])!)];

        private static JsonArray Entries(string[] addresses) => [.. addresses.Select(address => new JsonObject { ["ip"] = address })];

        private void Inform(string path, JsonObject? ingress)
        {
            if (!path.Contains("/ingresses/", StringComparison.Ordinal))
                return;
            var name = new ObjectName("shop", path[(path.LastIndexOf('/') + 1)..]);
            if (ingress is null)
                View.Forget(name);
            else
                View.Observe(name, IngressStatus.Read(JsonSerializer.SerializeToElement(ingress)));
        }
    }

    private static void Run(Action<World> test, StatusOptions? options = null, StatusAddressOptions? addresses = null) =>
        Simulation.Run(simulation => test(new World(simulation, options, addresses)));

    [Fact]
    public void An_Ingress_that_is_served_gets_the_address_and_nothing_else_of_it_changes() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        _ = world.Lead();
        world.Simulation.Advance(Second);

        Assert.Equal([Ours], world.Addresses("web"));
        var patch = Assert.Single(world.Patches);
        Assert.Equal(["metadata", "status"], patch.Body!.AsObject().Select(field => field.Key));
        Assert.NotNull(patch.Body["metadata"]!["resourceVersion"]);
        Assert.EndsWith("/status", patch.Path);
    });

    [Fact]
    public void A_host_name_is_published_as_such() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        _ = world.Lead();
        world.Simulation.Advance(Second);

        Assert.Equal(["2001:db8::1", "lb.example"], world.Addresses("web"));
        Assert.Equal("""[{"ip":"2001:db8::1"},{"hostname":"lb.example"}]""",
            world.Api.Get(World.PathOf("web"))!["status"]!["loadBalancer"]!["ingress"]!.ToJsonString());
    }, addresses: new StatusAddressOptions { Addresses = ["lb.example", "2001:db8::1", "lb.example"] });

    [Fact]
    public void An_address_of_the_published_Service_that_changes_is_published_within_10_seconds()
    {
        const string Service = "/api/v1/namespaces/gw/services/gateway";
        Run(world =>
        {
            Publish("192.0.2.1");
            world.Create("web");
            world.Serve("web");
            _ = world.Lead();
            world.Simulation.AdvanceUntil(() => world.Addresses("web") is ["192.0.2.1"], Second, "the first address");

            world.Simulation.Advance(60 * Second);
            Publish("192.0.2.2");
            world.Simulation.AdvanceUntil(() => world.Addresses("web") is ["192.0.2.2"], 10.5 * Second, "the new address");
            Assert.InRange(world.Api.Requests.Count(request => request.Path == Service), 7, 8);

            void Publish(string address) => world.Api.Put(Service, new JsonObject
            {
                ["spec"] = new JsonObject { ["type"] = "LoadBalancer" },
                ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["ip"] = address }) } },
            });
        }, addresses: new StatusAddressOptions { Service = new ObjectName("gw", "gateway") });
    }

    [Fact]
    public void Ingresses_that_are_not_served_are_left_alone() => Run(world =>
    {
        world.Create("foreign", "198.51.100.7");
        world.Create("empty");
        _ = world.Lead();
        world.Simulation.Advance(600 * Second);

        Assert.Empty(world.Api.Requests);
    });

    [Theory]
    [InlineData("nginx", "k8s.io/ingress-nginx")]
    [InlineData("public", "k8s.io/ingress-nginx")]
    [InlineData("nginx", null)]
    public void The_status_of_an_Ingress_of_ingress_nginx_is_written_only_when_taking_over(string ingressClass, string? controller)
    {
        foreach (var takeOver in new[] { false, true })
        {
            Run(world =>
            {
                world.Create("web", "198.51.100.7");
                world.Serve("web", ingressClass, controller);
                _ = world.Lead();
                world.Simulation.Advance(600 * Second);
                Assert.Equal([takeOver ? Ours : "198.51.100.7"], world.Addresses("web"));
                Assert.Equal(takeOver ? 1 : 0, world.Patches.Count());

                world.Withdraw("web");
                world.Simulation.Advance(600 * Second);
                Assert.Equal(takeOver ? [] : ["198.51.100.7"], world.Addresses("web"));
            }, new StatusOptions { TakeOver = takeOver });
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("edge")]
    public void A_class_without_a_known_controller_is_ours_unless_it_is_nginx(string? ingressClass) => Run(world =>
    {
        world.Create("web");
        world.Serve("web", ingressClass, null);
        _ = world.Lead();
        world.Simulation.Advance(Second);

        Assert.Equal([Ours], world.Addresses("web"));
    });

    [Fact]
    public void A_thousand_Ingresses_cost_a_thousand_writes_at_the_set_rate_and_none_twice() => Run(world =>
    {
        _ = world.Lead();
        for (var i = 0; i < 1000; i++)
        {
            world.Create($"web-{i}");
            world.Serve($"web-{i}");
        }
        world.Simulation.Advance(10 * Second);
        Assert.InRange(world.Patches.Count(), 240, 260);

        world.Simulation.Advance(60 * Second);
        Assert.Equal(1000, world.Patches.Count());
        Assert.Equal(1000, world.Patches.Select(patch => patch.Path).Distinct().Count());
        Assert.All(world.Patches, patch => Assert.Equal(200, patch.Status));
    });

    [Fact]
    public void A_status_is_stable_whatever_else_changes_in_the_Ingress() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        _ = world.Lead();
        world.Simulation.Advance(Second);
        for (var sync = 0; sync < 100; sync++)
        {
            var edited = world.Api.Get(World.PathOf("web"))!.DeepClone().AsObject();
            edited["metadata"]!["annotations"] = new JsonObject { ["edited"] = $"{sync}" };
            world.Api.Put(World.PathOf("web"), edited);
            world.Serve("web");
            world.Simulation.Advance(10 * Second);
        }

        Assert.Single(world.Patches);
    });

    [Fact]
    public void A_new_leader_writes_nothing_that_is_there_already() => Run(world =>
    {
        world.Create("web", Ours);
        world.Serve("web");
        for (var i = 0; i < 3; i++)
        {
            var led = world.Lead();
            world.Simulation.Advance(20 * Second);
            world.Resign();
            world.Simulation.Settle();
            Assert.True(led.IsCompletedSuccessfully);
        }
        Assert.Empty(world.Api.Writes);
    });

    [Fact]
    public void Nothing_is_written_while_another_replica_leads() => Run(world =>
    {
        _ = world.Lead();
        world.Simulation.Advance(Second);
        world.Resign();
        world.Create("web");
        world.Serve("web");
        world.Simulation.Advance(60 * Second);

        Assert.Empty(world.Api.Writes);
    });

    [Fact]
    public void An_Ingress_that_changed_meanwhile_is_read_again_once() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        world.Informs = false;
        world.Overwrite("web", "somebody", "198.51.100.7");
        _ = world.Lead();
        world.Simulation.Advance(5 * Second);

        Assert.Equal([Ours], world.Addresses("web"));
        Assert.Equal(["PATCH 409", "GET 200", "PATCH 200"], world.Api.Requests.Select(request => $"{request.Method} {request.Status}"));
    });

    [Fact]
    public void An_Ingress_that_changes_all_the_time_is_left_alone_for_a_moment() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        // In the end it is let through, lest the test never end.
        world.Api.Intercept = request => request.Method == "PATCH" && world.Patches.Count() < 20 ? ScriptedApi.Refuse(409, "Conflict") : null;
        _ = world.Lead();
        world.Simulation.Advance(0.5 * Second);

        Assert.Equal(["PATCH 409", "GET 200", "PATCH 409"], world.Api.Requests.Select(request => $"{request.Method} {request.Status}"));
    });

    [Fact]
    public void After_reading_again_nothing_is_written_that_is_there_already() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        world.Informs = false;
        world.Overwrite("web", "a leader before", Ours);
        _ = world.Lead();
        world.Simulation.Advance(30 * Second);

        Assert.Equal(["PATCH 409", "GET 200"], world.Api.Requests.Select(request => $"{request.Method} {request.Status}"));
    });

    [Fact]
    public void An_informer_that_lags_behind_our_own_write_causes_no_second_one() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        var old = world.View.Find(new ObjectName("shop", "web")).Status!;
        world.Informs = false;
        _ = world.Lead();
        world.Simulation.Advance(Second);
        world.View.Observe(new ObjectName("shop", "web"), old);
        world.Simulation.Advance(30 * Second);

        Assert.Single(world.Api.Requests);
    });

    [Fact]
    public void An_Ingress_deleted_while_its_status_is_written_hurts_nothing() => Run(world =>
    {
        world.Create("gone");
        world.Serve("gone");
        world.Create("web");
        world.Serve("web");
        world.Api.Intercept = request =>
        {
            if (request.Method == "PATCH" && request.Path.Contains("/gone/", StringComparison.Ordinal))
                world.Api.Delete(World.PathOf("gone"));
            return null;
        };
        _ = world.Lead();
        world.Simulation.Advance(60 * Second);

        Assert.Equal([Ours], world.Addresses("web"));
        Assert.Equal([404, 200], world.Patches.Select(patch => patch.Status).Order().Reverse());
    });

    [Fact]
    public void An_Ingress_made_anew_under_its_name_gets_the_address_again() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        _ = world.Lead();
        world.Simulation.Advance(Second);
        world.Api.Delete(World.PathOf("web"));
        world.Withdraw("web");
        world.Simulation.Advance(Second);
        world.Create("web");
        world.Serve("web");
        world.Simulation.Advance(Second);

        Assert.Equal([Ours], world.Addresses("web"));
    });

    [Fact]
    public void An_Ingress_that_is_no_longer_served_loses_the_address() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        _ = world.Lead();
        world.Simulation.Advance(Second);
        world.Withdraw("web");
        world.Simulation.Advance(60 * Second);

        Assert.Empty(world.Addresses("web"));
        Assert.Equal(2, world.Patches.Count());
    });

    [Fact]
    public void An_Ingress_that_another_controller_took_over_keeps_that_ones_address() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        _ = world.Lead();
        world.Simulation.Advance(Second);
        world.Withdraw("web");
        world.Overwrite("web", "other-controller", "198.51.100.7");
        world.Simulation.Advance(60 * Second);

        Assert.Equal(["198.51.100.7"], world.Addresses("web"));
        Assert.Single(world.Patches);
    });

    [Fact]
    public void An_address_that_another_controller_put_beside_ours_stays_when_ours_goes() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        _ = world.Lead();
        world.Simulation.Advance(Second);
        world.Withdraw("web");
        world.Overwrite("web", "other-controller", Ours, "198.51.100.7");
        world.Simulation.Advance(60 * Second);
        Assert.Equal(["198.51.100.7"], world.Addresses("web"));

        // What is left is not taken for ours, whatever comes.
        world.Overwrite("web", "other-controller", "198.51.100.7", "198.51.100.8");
        world.Simulation.Advance(60 * Second);
        Assert.Equal(["198.51.100.7", "198.51.100.8"], world.Addresses("web"));
        Assert.Equal(2, world.Patches.Count());
    });

    [Fact]
    public void With_no_removal_on_shutdown_the_address_stays() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        _ = world.Lead();
        world.Simulation.Advance(Second);
        world.Withdraw("web");
        world.Simulation.Advance(60 * Second);

        Assert.Equal([Ours], world.Addresses("web"));
    }, new StatusOptions { RemoveWhenNotServed = false });

    [Fact]
    public void On_shutdown_our_addresses_and_only_ours_are_removed() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        world.Create("nginx", Ours);
        world.Serve("nginx", "nginx", StatusOptions.NginxController);
        world.Create("foreign", Ours);
        world.Create("overwritten");
        world.Serve("overwritten");
        world.Create("shared");
        world.Serve("shared");
        _ = world.Lead();
        world.Simulation.Advance(Second);
        world.Overwrite("web", "an annotation's author", Ours);
        world.Overwrite("overwritten", "somebody", "198.51.100.7");
        world.Overwrite("shared", "somebody", "198.51.100.7", Ours);
        world.Resign();
        world.Simulation.Settle();
        var removed = world.Simulation.Await(world.Writer.RemoveAllAsync(CancellationToken.None));

        Assert.Equal(2, removed);
        Assert.Empty(world.Addresses("web"));
        Assert.Equal(["198.51.100.7"], world.Addresses("shared"));
        Assert.Equal([Ours], world.Addresses("nginx"));
        Assert.Equal([Ours], world.Addresses("foreign"));
        Assert.Equal(["198.51.100.7"], world.Addresses("overwritten"));
    });

    [Fact]
    public void On_shutdown_addresses_are_removed_ten_times_as_fast_as_they_are_written_and_no_faster() => Run(world =>
    {
        for (var i = 0; i < 1000; i++)
        {
            world.Create($"web-{i}", Ours);
            world.Serve($"web-{i}");
        }
        _ = world.Lead();
        world.Simulation.Advance(Second);
        world.Resign();
        world.Simulation.Settle();
        Assert.Empty(world.Patches);

        var removing = world.Writer.RemoveAllAsync(CancellationToken.None);
        world.Simulation.Advance(2 * Second);
        Assert.InRange(world.Patches.Count(), 430, 460);
        world.Simulation.Advance(3 * Second);
        Assert.Equal(1000, world.Simulation.Await(removing));
    });

    [Fact]
    public void On_shutdown_an_address_is_removed_though_the_answer_to_its_write_never_came() => Run(world =>
    {
        world.Informs = false;
        world.Create("web");
        world.View.Observe(new ObjectName("shop", "web"), IngressStatus.Read(JsonSerializer.SerializeToElement(world.Api.Get(World.PathOf("web")))));
        world.Serve("web");
        world.Connection.LosesAnswers = true;
        _ = world.Lead();
        world.Simulation.Advance(Second);
        Assert.Equal([Ours], world.Addresses("web"));

        world.Resign();
        world.Simulation.Settle();
        world.Connection.LosesAnswers = false;
        var removed = world.Simulation.Await(world.Writer.RemoveAllAsync(CancellationToken.None));

        Assert.Equal(1, removed);
        Assert.Empty(world.Addresses("web"));
    });

    [Fact]
    public void A_new_leader_takes_away_what_the_last_one_left_at_an_Ingress_that_is_served_no_longer() => Run(world =>
    {
        world.Create("web", Ours);
        world.Serve("web");
        world.Withdraw("web");
        world.Create("nginx", Ours);
        world.Serve("nginx", "nginx", StatusOptions.NginxController);
        world.Withdraw("nginx");

        _ = world.Lead();
        world.Simulation.Advance(Second);

        Assert.Empty(world.Addresses("web"));
        Assert.Equal([Ours], world.Addresses("nginx"));
    });

    [Fact]
    public void A_fight_with_another_writer_ends_and_is_told_once_with_its_name() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        world.Create("peaceful");
        world.Serve("peaceful");
        _ = world.Lead();
        var theirs = 0;
        for (var second = 0; second < 6 * 3600; second++)
        {
            if (world.Addresses("web") is [Ours])
            {
                theirs++;
                world.Overwrite("web", "other-controller", "198.51.100.7");
            }
            world.Simulation.Advance(Second, Second);
        }

        Assert.InRange(theirs, 5, 15);
        var report = Assert.Single(world.Reports);
        Assert.Equal("status:shop/web", report.Name);
        var diagnostic = Assert.Single(report.Diagnostics);
        Assert.Contains("other-controller", diagnostic.ToString(), StringComparison.Ordinal);
        Assert.Contains("198.51.100.7", diagnostic.ToString(), StringComparison.Ordinal);
        Assert.Contains(Ours, diagnostic.ToString(), StringComparison.Ordinal);
        Assert.Equal("Ingress shop/web", diagnostic.Subject.ToString());
    });

    [Fact]
    public void A_fight_that_is_over_is_forgotten() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        _ = world.Lead();
        for (var second = 0; second < 600; second++)
        {
            if (world.Addresses("web") is [Ours])
                world.Overwrite("web", "other-controller", "198.51.100.7");
            world.Simulation.Advance(Second, Second);
        }
        world.Simulation.Advance(TimeSpan.FromHours(4), 10 * Second);

        Assert.Equal([Ours], world.Addresses("web"));
        Assert.Equal([1, 0], world.Reports.Select(report => report.Diagnostics.Count));
    });

    [Fact]
    public void A_single_overwrite_is_put_right_soon() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        _ = world.Lead();
        world.Simulation.Advance(100 * Second);
        world.Overwrite("web", "kubectl-edit", "203.0.113.1");
        world.Simulation.AdvanceUntil(() => world.Addresses("web") is [Ours], 2 * Second, "put right");

        Assert.Empty(world.Reports);
    });

    [Fact]
    public void An_API_server_that_is_away_is_not_hammered_and_all_is_written_once_it_is_back() => Run(world =>
    {
        for (var i = 0; i < 20; i++)
        {
            world.Create($"web-{i}");
            world.Serve($"web-{i}");
        }
        var calls = 0;
        world.Api.Intercept = _ =>
        {
            calls++;
            return ScriptedApi.Refuse(503, "ServiceUnavailable");
        };
        _ = world.Lead();
        world.Simulation.Advance(300 * Second);
        Assert.InRange(calls, 5, 20);

        world.Api.Intercept = null;
        world.Simulation.Advance(35 * Second);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal([Ours], world.Addresses($"web-{i}")));
    });

    [Fact]
    public void Retry_After_is_heeded() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        world.Api.Intercept = _ =>
        {
            var answer = ScriptedApi.Refuse(429, "TooManyRequests");
            answer.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(20 * Second);
            world.Api.Intercept = null;
            return answer;
        };
        _ = world.Lead();
        world.Simulation.Advance(19 * Second);
        Assert.Single(world.Api.Requests);

        world.Simulation.Advance(2 * Second);
        Assert.Equal([Ours], world.Addresses("web"));
    });

    [Fact]
    public void Without_the_right_to_write_it_asks_once_a_minute() => Run(world =>
    {
        for (var i = 0; i < 20; i++)
        {
            world.Create($"web-{i}");
            world.Serve($"web-{i}");
        }
        world.Api.Intercept = _ => ScriptedApi.Refuse(403, "Forbidden");
        _ = world.Lead();
        world.Simulation.Advance(300 * Second);

        Assert.InRange(world.Api.Requests.Count, 4, 7);
    });

    [Fact]
    public void One_Ingress_that_is_refused_keeps_no_other_waiting() => Run(world =>
    {
        world.Create("bad");
        world.Serve("bad");
        world.Create("web");
        world.Serve("web");
        world.Api.Intercept = request => request.Path.Contains("/bad/", StringComparison.Ordinal) ? ScriptedApi.Refuse(422, "Invalid") : null;
        _ = world.Lead();
        world.Simulation.Advance(60 * Second);

        Assert.Equal([Ours], world.Addresses("web"));
        Assert.Single(world.Patches, patch => patch.Status == 422);
    });

    [Fact]
    public void A_connection_that_hangs_delays_but_loses_nothing() => Run(world =>
    {
        world.Create("web");
        world.Serve("web");
        world.Connection.IsSilent = true;
        _ = world.Lead();
        world.Simulation.Advance(20 * Second);
        world.Connection.IsSilent = false;
        world.Simulation.Advance(20 * Second);

        Assert.Equal([Ours], world.Addresses("web"));
    });
}
