using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Tests.Harness;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>What objects nobody needs cost. Runs by itself, since it measures the heap of the whole process.</summary>
[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests
{
    [Fact]
    public async Task Thousands_of_unneeded_Secrets_cost_little_more_than_their_names()
    {
        await using var cluster = await Cluster.StartAsync();
        var api = cluster.RequireDouble();
        const int Secrets = 3000;
        var large = new string('x', 8_000);
        for (var i = 0; i < Secrets; i++)
            api.Apply(Yaml.Secret($"unused-{i}", large));
        api.Apply(Yaml.All(Yaml.Ingress("web", secret: "used"), Yaml.Secret("used", large)));

        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var source = await RunningSource.StartSyncedAsync(cluster);
        var cost = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(Secrets + 1, source.StatusOf("Secret").Objects);
        Assert.Single(source.Objects.Keys, key => key.Kind == ResourceKind.Secret);
        // Their content alone is 24 MB. No lower bound: what earlier tests leave behind may be freed meanwhile.
        Assert.True(cost < 4_000_000, $"{cost} bytes");
    }
}
