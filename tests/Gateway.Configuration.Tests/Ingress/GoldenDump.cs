using System.Collections;
using System.Globalization;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Tests.Ingress;

/// <summary>Writes what was translated so that a reader sees at once whether it is right; defaults are left out.</summary>
internal static class GoldenDump
{
    private const long DefaultBodySize = 1 << 20;

    public static string Write(ConfigurationDelta delta, IReadOnlyList<Diagnostic> diagnostics)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        Section("settings", Settings(delta.Settings), line => text.WriteLine($"  {line}"));
        if (delta.DefaultRoute is { } route)
            text.WriteLine($"default route: {Describe(route)}");
        if (delta.DefaultCertificate is { } certificate)
            text.WriteLine($"default certificate: {certificate.Secret}");
        Section("hosts", delta.Hosts.OrderBy(host => host.Host, StringComparer.Ordinal), host =>
        {
            text.WriteLine($"  {Quoted(host.Host)}:{(host.Tls == TlsPolicy.Default ? "" : $" # {host.Tls.Versions}")}");
            foreach (var each in host.Routes)
                text.WriteLine($"    - {Describe(each)}");
        });
        Section("endpoints", delta.Endpoints.OrderBy(each => each.Key.ToString(), StringComparer.Ordinal), endpoints =>
            text.WriteLine($"  {endpoints.Key}: [{string.Join(", ", endpoints.Addresses.Select(Describe))}]"));
        Section("certificates", delta.Certificates.OrderBy(each => each.Host, StringComparer.Ordinal), each =>
            text.WriteLine($"  {Quoted(each.Host)}: {each.Certificate?.Secret?.ToString() ?? "default"}"));
        Section("diagnostics", diagnostics, diagnostic => text.WriteLine($"  - {Quoted($"{diagnostic.Severity} {diagnostic}")}"));
        return text.ToString();

        void Section<T>(string name, IEnumerable<T> items, Action<T> write)
        {
            if (!items.Any())
                return;
            text.WriteLine($"{name}:");
            foreach (var item in items)
                write(item);
        }
    }

    private static string Describe(Route route)
    {
        var parts = new List<string> { $"{route.Id} -> {(route.Backends.Count == 0 ? "404" : string.Join(" + ", route.Backends.Select(Describe)))}" };
        foreach (var filter in route.Filters)
        {
            switch (filter)
            {
                case BodySizeFilter { MaxBytes: not DefaultBodySize } body:
                    parts.Add($"body {body.MaxBytes}");
                    break;
                case HttpsRedirectFilter redirect:
                    parts.Add($"https {redirect.StatusCode}{(redirect.PreserveTrailingSlash ? " with trailing slash" : "")}");
                    break;
                case DenyFilter deny:
                    parts.Add($"denied for {deny.Cause}");
                    break;
            }
        }
        if (!route.Filters.Any(filter => filter is BodySizeFilter))
            parts.Add("no body limit");
        if (route.Timeouts != UpstreamTimeouts.Default)
            parts.Add($"timeouts {route.Timeouts.Connect.TotalSeconds} {route.Timeouts.Read.TotalSeconds} {route.Timeouts.Send.TotalSeconds}");
        return string.Join(", ", parts);
    }

    private static string Describe(Backend backend) =>
        $"{backend.Service}{(backend.Protocol == BackendProtocol.Http ? "" : $" {backend.Protocol}")}{(backend.Weight == 1 ? "" : $" x{backend.Weight}")}";

    private static string Describe(EndpointAddress address) => string.Join(' ', new[]
    {
        $"{address.Host} {address.Port}",
        address.Condition == EndpointCondition.Ready ? null : "draining",
        address.Pod,
        address.Zone,
    }.OfType<string>());

    private static IEnumerable<string> Settings(GatewaySettings settings) =>
        from property in typeof(GatewaySettings).GetProperties()
        where property.Name != nameof(GatewaySettings.Default)
        let value = property.GetValue(settings)
        where !Equals(value, property.GetValue(GatewaySettings.Default))
        select $"{property.Name}: {(value is string or not IEnumerable ? value : $"[{string.Join(", ", ((IEnumerable)value).Cast<object>())}]")}";

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
