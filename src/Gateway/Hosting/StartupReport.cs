using System.Globalization;
using System.Text;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;

namespace Gateway.Hosting;

/// <summary>The short block that the gateway prints when it has started.</summary>
internal static class StartupReport
{
    /// <summary>Writes it.</summary>
    public static string Write(
        GatewayAddresses addresses, ConfigurationTranslator translator, IConfigurationSource source, IReadOnlyList<Diagnostic> problems)
    {
        var counts = translator.Counts;
        var text = new StringBuilder();
        Line("gateway is serving", source.Description);
        Line("  http", addresses.Http.ToString());
        Line("  https", addresses.Https.ToString());
        Line("  admin", $"{GatewayAddresses.Url("http", addresses.Admin)}/api/routes");
        Line("  serving", $"{Count(counts.Ingresses, "Ingress", "Ingresses")}, {Count(counts.Hosts, "host", "hosts")}, {Count(counts.Routes, "route", "routes")}, {Count(counts.Endpoints, "endpoint", "endpoints")}");
        if (source.Skipped > 0)
            Line("  skipped", Count(source.Skipped, "object of a kind that is not served", "objects of kinds that are not served"));
        Line("  problems", problems.Count == 0
            ? "none"
            : $"{problems.Count} (see {GatewayAddresses.Url("http", addresses.Admin)}/api/diagnostics)");
        return text.ToString();

        void Line(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name,-20}{value}\n");
        static string Count(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";
    }
}
