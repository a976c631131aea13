using System.Net.Http.Json;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>A diagnostic as the admin API tells it.</summary>
internal sealed record ReportedDiagnostic(
    string Severity, string? Object, string? Origin, string Field, string? Value, string Problem, string Remedy)
{
    /// <summary>All that are in force.</summary>
    public static async Task<IReadOnlyList<ReportedDiagnostic>> ReadAsync(GatewayProcess gateway)
    {
        using var client = new HttpClient();
        return (await client.GetFromJsonAsync<Page>(gateway.Admin("/api/diagnostics?limit=1000")))!.Items;
    }

    /// <summary>Waits until there is one of this object, or, for an object without a name, from this file.</summary>
    public static async Task<ReportedDiagnostic> OfAsync(GatewayProcess gateway, string subject) =>
        (await Eventually.IsAsync(
            async () => (await ReadAsync(gateway)).FirstOrDefault(one => one.Object == subject || (one.Object is null && one.Origin?.Contains(subject, StringComparison.Ordinal) == true)),
            found => found is not null))!;

    /// <summary>Waits until there is none at all.</summary>
    public static Task NoneAsync(GatewayProcess gateway) =>
        Eventually.IsAsync(async () => string.Join('\n', await ReadAsync(gateway)), left => left.Length == 0);

    private sealed record Page(IReadOnlyList<ReportedDiagnostic> Items);
}
