using System.Text.Json;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>What replicas say of themselves.</summary>
internal static class Replicas
{
    /// <summary>Waits until both serve the same by their hashes, which leave nothing out.</summary>
    public static Task AgreeAsync(GatewayProcess one, GatewayProcess other) =>
        Eventually.IsAsync(async () => (One: await HashesAsync(one), Other: await HashesAsync(other)), both => both.One == both.Other);

    /// <summary>How often what it serves has changed.</summary>
    public static async Task<long> GenerationAsync(GatewayProcess replica) => (await replica.ReadAsync("/api/status")).GetProperty("generation").GetInt64();

    /// <summary>Whether it writes status and Events.</summary>
    public static async Task<bool> LeadsAsync(GatewayProcess replica) =>
        (await replica.ReadAsync("/api/status")).GetProperty("source").GetProperty("isLeader").ValueKind == JsonValueKind.True;

    private static async Task<(string? Routes, string? Endpoints)> HashesAsync(GatewayProcess replica)
    {
        var status = await replica.ReadAsync("/api/status");
        return (status.GetProperty("routesHash").GetString(), status.GetProperty("endpointsHash").GetString());
    }
}
