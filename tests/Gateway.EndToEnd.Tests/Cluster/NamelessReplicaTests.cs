using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Cluster;

/// <summary>Replicas that were not told their pod, and run on one machine.</summary>
public sealed class NamelessReplicaTests
{
    [Fact]
    public async Task One_of_them_leads_at_a_time()
    {
        await using var cluster = await OwnCluster.StartAsync();
        var first = cluster.Gateway;
        await Eventually.IsAsync(() => Replicas.LeadsAsync(first), leads => leads);

        await using var second = await cluster.RunGatewayAsync();
        await Eventually.IsAsync(
            async () => second.Log.Contains("The leader is ", StringComparison.Ordinal) || await Replicas.LeadsAsync(second), knows => knows);
        Assert.Equal((true, false), (await Replicas.LeadsAsync(first), await Replicas.LeadsAsync(second)));

        first.Terminate();
        await Eventually.IsAsync(() => Replicas.LeadsAsync(second), leads => leads);
    }
}
