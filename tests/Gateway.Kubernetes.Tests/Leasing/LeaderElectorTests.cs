using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;
using Gateway.Kubernetes.Leasing;
using Gateway.Kubernetes.Tests.Simulated;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Kubernetes.Tests.Leasing;

public sealed class LeaderElectorTests
{
    private const string LeasePath = "/apis/coordination.k8s.io/v1/namespaces/gw/leases/gateway-leader";

    /// <summary>One replica; it notes in <see cref="Leads"/> whether its work runs.</summary>
    private sealed class Replica
    {
        public Replica(Simulation simulation, ScriptedApi api, string name)
        {
            (var client, Connection) = api.Connect(name);
            Elector = new LeaderElector(client, new LeaseOptions(new ObjectName("gw", "gateway-leader"), name), simulation.Time, NullLogger.Instance);
            var stop = new CancellationTokenSource();
            Stop = stop.Cancel;
            Ended = Elector.RunAsync(LeadAsync, stop.Token);

            async Task LeadAsync(CancellationToken leading)
            {
                Leads = true;
                Started?.Invoke();
                try
                {
                    await simulation.Time.PauseAsync(Timeout.InfiniteTimeSpan, leading);
                    if (WindDown > TimeSpan.Zero)
                        await Task.Delay(WindDown, simulation.Time, CancellationToken.None);
                }
                finally
                {
                    Leads = false;
                }
            }
        }

        public LeaderElector Elector { get; }

        public ScriptedApi.Connection Connection { get; }

        public Task Ended { get; }

        public bool Leads { get; private set; }

        public TimeSpan WindDown { get; init; }

        public Action? Started { get; set; }

        public Action Stop { get; }

        /// <summary>What SIGKILL does, as others see it: no word comes any more.</summary>
        public void Kill() => Connection.IsSilent = true;
    }

    private static void Run(Action<Simulation, ScriptedApi> test) =>
        Simulation.Run(simulation => test(simulation, new ScriptedApi(simulation.Time)));

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void The_first_replica_leads_and_goes_on_leading() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var b = new Replica(simulation, api, "b");
        for (var i = 0; i < 600; i++)
        {
            simulation.Advance(Second / 2);
            Assert.True(a.Leads && a.Elector.IsLeader);
            Assert.False(b.Leads || b.Elector.IsLeader);
        }

        Assert.Equal("a", b.Elector.Leader);
        var spec = api.Get(LeasePath)!["spec"]!;
        Assert.Equal("a", (string?)spec["holderIdentity"]);
        Assert.Equal(10, (int)spec["leaseDurationSeconds"]!);
        Assert.Equal(0, (int)spec["leaseTransitions"]!);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", (string)spec["renewTime"]!);
        Assert.InRange(api.Requests.Count(request => request.Client == "a"), 150, 155);
    });

    [Fact]
    public void Of_many_that_start_at_once_one_leads() => Run((simulation, api) =>
    {
        var replicas = Enumerable.Range(0, 8).Select(i => new Replica(simulation, api, $"pod-{i}")).ToArray();
        simulation.Advance(5 * Second);

        Assert.Single(replicas, replica => replica.Leads);
    });

    [Fact]
    public void A_killed_leader_is_replaced_within_15_seconds_and_never_are_there_two() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var b = new Replica(simulation, api, "b");
        simulation.Advance(TimeSpan.FromSeconds(33.7));
        a.Kill();
        b.Started = () => Assert.False(a.Leads || a.Elector.IsLeader, "both lead");

        var took = simulation.AdvanceUntil(() => b.Leads, 15 * Second, "b leads");

        Assert.True(took > 8 * Second, $"took over a living Lease after {took}");
        Assert.Equal(1, (int)api.Get(LeasePath)!["spec"]!["leaseTransitions"]!);
    });

    [Fact]
    public void A_leader_that_stops_hands_over_at_once() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var b = new Replica(simulation, api, "b");
        simulation.Advance(5 * Second);
        a.Stop();
        simulation.Settle();
        Assert.True(a.Ended.IsCompletedSuccessfully);
        Assert.Equal("", (string?)api.Get(LeasePath)!["spec"]!["holderIdentity"]);

        simulation.AdvanceUntil(() => b.Leads, 2.1 * Second, "b leads");
    });

    [Fact]
    public void A_leader_keeps_the_Lease_until_what_it_does_on_shutdown_is_done() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a") { WindDown = 30 * Second };
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var b = new Replica(simulation, api, "b") { Started = () => Assert.False(a.Leads) };
        a.Stop();
        simulation.Advance(29 * Second);
        Assert.True(a.Elector.IsLeader);
        Assert.False(b.Leads);

        simulation.AdvanceUntil(() => b.Leads, 4 * Second, "b leads");
        Assert.True(a.Ended.IsCompletedSuccessfully);
    });

    [Fact]
    public void Wrong_wall_clocks_and_clocks_that_jump_change_nothing() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var b = new Replica(simulation, api, "b");
        foreach (var error in new[] { -400, 300, -0.01, 0.02, 0, 86_400, -86_400 })
        {
            simulation.Time.WallClockError = TimeSpan.FromHours(error);
            simulation.Advance(25 * Second);
            Assert.True(a.Leads && a.Elector.IsLeader);
            Assert.False(b.Leads);
        }
    });

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_dead_leader_is_replaced_in_time_however_the_wall_clock_jumps_meanwhile(int days) => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var b = new Replica(simulation, api, "b");
        simulation.Advance(5 * Second);
        a.Kill();
        b.Started = () => Assert.False(a.Leads || a.Elector.IsLeader, "both lead");
        simulation.Advance(4 * Second);
        simulation.Time.WallClockError = TimeSpan.FromDays(days);

        var took = simulation.AdvanceUntil(() => b.Leads, 11 * Second, "b leads");

        Assert.True(took > 4 * Second, $"took over a living Lease {took} after the jump");
    });

    [Fact]
    public void A_leader_that_cannot_renew_stops_before_another_may_lead() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var b = new Replica(simulation, api, "b");
        simulation.Advance(4.5 * Second);
        a.Connection.LosesAnswers = true;
        var stopped = simulation.AdvanceUntil(() => !a.Leads, 10 * Second, "a stops");
        Assert.False(a.Elector.IsLeader);
        Assert.False(b.Leads);
        Assert.True(stopped <= 8 * Second);

        a.Connection.IsRefused = true;
        simulation.AdvanceUntil(() => b.Leads, 15 * Second, "b leads");
    });

    [Fact]
    public void A_Lease_holds_as_long_as_its_holder_says() => Run((simulation, api) =>
    {
        api.Put(LeasePath, new System.Text.Json.Nodes.JsonObject
        {
            ["spec"] = new System.Text.Json.Nodes.JsonObject { ["holderIdentity"] = "patient", ["leaseDurationSeconds"] = 60 },
        });
        var a = new Replica(simulation, api, "a");

        var took = simulation.AdvanceUntil(() => a.Leads, 63 * Second, "a leads");

        Assert.True(took >= 60 * Second, $"took over a living Lease after {took}");
    });

    [Fact]
    public void The_time_that_an_answer_takes_counts() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var renewed = false;
        api.Intercept = request =>
        {
            if (!request.Writes || renewed)
                return null;
            renewed = true;
            a.Connection.IsSilent = true;
            simulation.Time.Advance(3 * Second);
            return null;
        };
        simulation.AdvanceUntil(() => renewed, 3 * Second, "a renews");

        var stopped = simulation.AdvanceUntil(() => !a.Leads, 10 * Second, "a stops");

        Assert.True(stopped <= 5.1 * Second, $"led for {stopped} after an answer that took 3 s");
    });

    [Fact]
    public void An_API_server_that_is_away_for_a_while_costs_no_more_than_the_time_away() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var b = new Replica(simulation, api, "b");
        simulation.Advance(5 * Second);
        a.Connection.IsRefused = b.Connection.IsRefused = true;
        simulation.Advance(60 * Second);
        Assert.False(a.Leads || b.Leads);

        a.Connection.IsRefused = b.Connection.IsRefused = false;
        simulation.AdvanceUntil(() => a.Leads || b.Leads, 3 * Second, "one leads");
        Assert.NotEqual(a.Leads, b.Leads);
    });

    [Fact]
    public void A_short_failure_to_renew_costs_nothing() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var starts = 0;
        a.Started = () => starts++;
        for (var i = 0; i < 5; i++)
        {
            a.Connection.IsRefused = true;
            simulation.Advance(5 * Second);
            a.Connection.IsRefused = false;
            simulation.Advance(5 * Second);
        }

        Assert.True(a.Leads);
        Assert.Equal(0, starts);
    });

    [Fact]
    public void A_renewal_over_a_connection_that_hangs_costs_nothing_if_the_next_one_works() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var starts = 0;
        a.Started = () => starts++;
        simulation.Advance(Second);
        a.Connection.IsSilent = true;
        simulation.Advance(2 * Second);
        a.Connection.IsSilent = false;
        simulation.Advance(20 * Second);

        Assert.True(a.Leads);
        Assert.Equal(0, starts);
    });

    [Fact]
    public void A_look_at_the_Lease_over_a_connection_that_hangs_delays_the_hand_over_by_no_more_than_seconds() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var b = new Replica(simulation, api, "b");
        simulation.Advance(Second);
        b.Connection.IsSilent = true;
        simulation.Advance(2 * Second);
        b.Connection.IsSilent = false;
        a.Stop();

        simulation.AdvanceUntil(() => b.Leads, 6 * Second, "b leads");
    });

    [Fact]
    public void A_Lease_that_somebody_labels_or_deletes_stays_with_its_leader() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var labelled = api.Get(LeasePath)!.DeepClone().AsObject();
        labelled["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject { ["team"] = "edge" };
        api.Put(LeasePath, labelled);
        simulation.Advance(5 * Second);
        Assert.True(a.Elector.IsLeader);
        Assert.Equal("edge", (string?)api.Get(LeasePath)!["metadata"]!["labels"]!["team"]);

        api.Delete(LeasePath);
        simulation.Advance(5 * Second);
        Assert.True(a.Elector.IsLeader);
        Assert.Equal("a", (string?)api.Get(LeasePath)!["spec"]!["holderIdentity"]);
    });

    [Fact]
    public void A_leader_whose_Lease_was_given_to_another_stops_at_once() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var stolen = api.Get(LeasePath)!.DeepClone().AsObject();
        stolen["spec"]!["holderIdentity"] = "thief";
        api.Put(LeasePath, stolen);

        simulation.AdvanceUntil(() => !a.Leads, 2.1 * Second, "a stops");
        Assert.False(a.Elector.IsLeader);
        a.Stop();
        simulation.Advance(Second);
        Assert.Equal("thief", (string?)api.Get(LeasePath)!["spec"]!["holderIdentity"]);
    });

    [Fact]
    public void A_leader_that_stops_just_when_it_learns_of_its_loss_does_not_release_the_Lease_of_another() => Run((simulation, api) =>
    {
        var a = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => a.Leads, Second, "a leads");
        var taken = api.Get(LeasePath)!.DeepClone().AsObject();
        taken["spec"]!["holderIdentity"] = "other";
        api.Put(LeasePath, taken);
        api.Intercept = request =>
        {
            if (request.Method == "GET")
            {
                a.Stop();
                simulation.Settle();
                Assert.False(a.Leads);
            }
            return null;
        };

        simulation.AdvanceUntil(() => a.Ended.IsCompletedSuccessfully, 5 * Second, "a ends");
        Assert.Equal("other", (string?)api.Get(LeasePath)!["spec"]!["holderIdentity"]);
    });

    [Fact]
    public void A_replica_that_was_restarted_under_its_name_leads_again_at_once() => Run((simulation, api) =>
    {
        var before = new Replica(simulation, api, "a");
        simulation.AdvanceUntil(() => before.Leads, Second, "a leads");
        before.Kill();
        var after = new Replica(simulation, api, "a");

        simulation.AdvanceUntil(() => after.Leads, Second, "the new a leads");
    });

    [Fact]
    public void Work_that_fails_makes_way_for_another_replica() => Run((simulation, api) =>
    {
        var (client, _) = api.Connect("a");
        var a = new LeaderElector(client, new LeaseOptions(new ObjectName("gw", "gateway-leader"), "a"), simulation.Time, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var ended = a.RunAsync(_ => throw new InvalidOperationException("a fault"), stop.Token);
        var b = new Replica(simulation, api, "b");

        simulation.AdvanceUntil(() => b.Leads, 3 * Second, "b leads");
        Assert.False(ended.IsCompleted);
        stop.Cancel();
        simulation.Settle();
        Assert.True(ended.IsCompletedSuccessfully);
    });
}
