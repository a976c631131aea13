namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>Leases, which are stricter than other objects.</summary>
public sealed class LeaseTests : RecordingTests
{
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/demo/leases";
    private const string Leader = $"{Leases}/gateway-leader";

    private static string Lease(string? version, string holder, string renewed = "2026-11-24T11:56:30.358802Z") =>
        $$$"""
        {"metadata":{"name":"gateway-leader"{{{(version is null ? "" : $",\"resourceVersion\":\"{version}\"")}}}},
         "spec":{"holderIdentity":"{{{holder}}}","leaseDurationSeconds":15,"acquireTime":"2026-11-24T11:56:30.358802Z","renewTime":"{{{renewed}}}","leaseTransitions":0}}
        """;

    private async Task<string> CreateAsync() => (string)(await Client.SendAsync("POST", Leases, Lease(null, "pod-a"))).Json["metadata"]!["resourceVersion"]!;

    [Fact]
    public async Task A_lease_has_no_generation_and_no_status()
    {
        var reply = await Client.SendAsync("POST", Leases, Lease(null, "pod-a"));

        Assert.Equal(201, reply.Status);
        Assert.Equal(["kind", "apiVersion", "metadata", "spec"], reply.Json.Select(member => member.Key));
        Assert.Equal(["name", "namespace", "uid", "resourceVersion", "creationTimestamp"], reply.Json["metadata"]!.AsObject().Select(member => member.Key));
        Assert.Equal(409, (await Client.SendAsync("POST", Leases, Lease(null, "pod-b"))).Status);
    }

    [Fact]
    public async Task One_of_several_writers_wins()
    {
        var version = await CreateAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Client.SendAsync("PUT", Leader, Lease(version, $"pod-{i}"))));

        Assert.Equal([200, 409, 409, 409], replies.Select(reply => reply.Status).Order());
    }

    [Fact]
    public async Task An_update_needs_a_version_and_the_error_names_the_plural()
    {
        await CreateAsync();

        Assert.Equal(
            """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"leases.coordination.k8s.io \"gateway-leader\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update","reason":"Invalid","details":{"name":"gateway-leader","group":"coordination.k8s.io","kind":"leases","causes":[{"reason":"FieldValueInvalid","message":"Invalid value: 0: must be specified for an update","field":"metadata.resourceVersion"}]},"code":422}""" + "\n",
            (await Client.SendAsync("PUT", Leader, Lease(null, "pod-b"))).Text);
    }

    [Fact]
    public async Task A_put_of_a_lease_that_does_not_exist_creates_it() => Assert.Equal(201, (await Client.SendAsync("PUT", Leader, Lease(null, "pod-a"))).Status);

    [Fact]
    public async Task An_empty_holder_is_kept()
    {
        var reply = await Client.SendAsync("PUT", Leader, Lease(await CreateAsync(), ""));

        Assert.Equal("", (string?)reply.Json["spec"]!["holderIdentity"]);
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.123456Z")]
    [InlineData("2026-01-02T03:04:05.000000Z", "2026-01-02T03:04:05.000000Z")]
    [InlineData("2026-01-02T05:04:05.123456+02:00", "2026-01-02T03:04:05.123456Z")]
    public async Task Six_digits_are_a_time(string sent, string stored)
    {
        var reply = await Client.SendAsync("PUT", Leader, Lease(await CreateAsync(), "pod-a", sent));

        Assert.Equal(stored, (string?)reply.Json["spec"]!["renewTime"]);
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05.1234567Z", "cannot parse \"7Z\" as \"Z07:00\"")]
    [InlineData("2026-01-02T03:04:05Z", "cannot parse \"Z\" as \".000000\"")]
    [InlineData("2026-01-02T03:04:05.123Z", "cannot parse \".123Z\" as \".000000\"")]
    public async Task Any_other_number_of_digits_is_refused(string sent, string problem)
    {
        var version = await CreateAsync();

        var put = await Client.SendAsync("PUT", Leader, Lease(version, "pod-a", sent));
        var patch = await Client.PatchAsync(Leader, $$$"""{"spec":{"renewTime":"{{{sent}}}"}}""");

        Assert.Equal((400, 422), (put.Status, patch.Status));
        Assert.Equal(
            $"Lease in version \"v1\" cannot be handled as a Lease: parsing time \"{sent}\" as \"2006-01-02T15:04:05.000000Z07:00\": {problem}", put.Message);
    }

    [Theory]
    [InlineData("\"leaseDurationSeconds\":0", "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0")]
    [InlineData("\"leaseTransitions\":-1", "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0")]
    public async Task Numbers_have_a_range(string field, string problem)
    {
        await CreateAsync();

        var reply = await Client.PatchAsync(Leader, $$$"""{"spec":{{{{field}}}}}""");

        Assert.Equal((422, $"Lease.coordination.k8s.io \"gateway-leader\" is invalid: {problem}"), (reply.Status, reply.Message));
    }
}
