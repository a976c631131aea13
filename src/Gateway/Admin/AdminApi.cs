using System.Globalization;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Hosting;
using Gateway.Proxy;
using Gateway.Proxy.Endpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Gateway.Admin;

/// <summary>
/// The read-only API: <c>/api/status</c>, and <c>/api/routes</c>, <c>/api/clusters</c>, <c>/api/certificates</c>, <c>/api/diagnostics</c>. Each of those is
/// a list, filtered by <c>?host=</c> and <c>?namespace=</c>, in parts of <c>?limit=</c> (1–1000, default 100) from <c>?offset=</c> on.
/// </summary>
internal sealed class AdminApi(ConfigurationTranslator translator, ControlLoop loop, DataPlane dataPlane, DiagnosticLog diagnostics, Func<SourceView> source)
{
    private const int DefaultLimit = 100;
    private const int HighestLimit = 1000;

    /// <summary>Adds the API to <paramref name="app"/>.</summary>
    public void Map(WebApplication app)
    {
        app.MapMethods("/api/status", AdminServer.Reading, context => context.Response.WriteAsJsonAsync(Status(), AdminJson.Default.StatusView));
        app.MapMethods("/api/routes", AdminServer.Reading, context => WriteAsync(context, Routes(Filter.Of(context)), View));
        app.MapMethods("/api/clusters", AdminServer.Reading, context => WriteAsync(context, Clusters(Filter.Of(context)), View));
        app.MapMethods("/api/certificates", AdminServer.Reading, context => WriteAsync(context, Certificates(Filter.Of(context)), View));
        app.MapMethods("/api/diagnostics", AdminServer.Reading, context => WriteAsync(context, Diagnostics(Filter.Of(context)), View));
    }

    private StatusView Status()
    {
        var (counts, hash) = (translator.Counts, loop.Served);
        return new StatusView(
            hash.Generation, hash.Routes.ToString("x16", CultureInfo.InvariantCulture), hash.Endpoints.ToString("x16", CultureInfo.InvariantCulture),
            counts.Ingresses, counts.Hosts, counts.Routes, counts.Endpoints, diagnostics.Current.Count, source());
    }

    private IEnumerable<(string Host, Route Route)> Routes(Filter filter) =>
        from host in translator.Hosts.Values.OrderBy(host => host.Host, StringComparer.Ordinal)
        where filter.TakesHost(host.Host)
        from route in host.Routes
        where filter.TakesNamespace(route.Source.Name.Namespace)
        select (host.Host, route);

    private IEnumerable<ClusterStatus> Clusters(Filter filter)
    {
        var wanted = filter.Host is null
            ? null
            : translator.Hosts.Values.Where(host => filter.TakesHost(host.Host))
                .SelectMany(host => host.Routes).SelectMany(route => route.Backends).Select(backend => backend.Service).ToHashSet();
        return dataPlane.Clusters
            .Where(cluster => filter.TakesNamespace(cluster.Key.Service.Namespace) && wanted?.Contains(cluster.Key) != false)
            .OrderBy(cluster => cluster.Key.ToString(), StringComparer.Ordinal);
    }

    private IEnumerable<HostCertificate> Certificates(Filter filter) =>
        translator.Certificates.Values
            .Where(entry => filter.TakesHost(entry.Host) && IsOf(entry, filter))
            .OrderBy(entry => entry.Host, StringComparer.Ordinal);

    /// <summary>By the Ingresses of the host too: they find hosts that got the default certificate, which is of no namespace.</summary>
    private bool IsOf(HostCertificate entry, Filter filter) =>
        filter.Namespace is null || entry.Certificate?.Secret?.Namespace == filter.Namespace
        || (translator.Hosts.TryGetValue(entry.Host, out var host) && host.Routes.Any(route => route.Source.Name.Namespace == filter.Namespace));

    private IEnumerable<Diagnostic> Diagnostics(Filter filter)
    {
        // Of a host: its Ingresses, and the Services that they lead to.
        var sources = filter.Host is null
            ? null
            : translator.Hosts.Values.Where(host => filter.TakesHost(host.Host)).SelectMany(host => host.Routes)
                .SelectMany(route => route.Backends.Select(backend => new ResourceKey(ResourceKind.Service, backend.Service.Service)).Prepend(route.Source))
                .ToHashSet();
        return diagnostics.Current.Where(diagnostic =>
            (filter.Namespace is null || diagnostic.Subject?.Name.Namespace == filter.Namespace)
            && (sources is null || (diagnostic.Subject is { } subject && sources.Contains(subject))
                || diagnostic.Value?.Equals(filter.Host, StringComparison.OrdinalIgnoreCase) == true));
    }

    private static RouteView View((string Host, Route Route) entry) => new(
        entry.Host.Length == 0 ? "*" : entry.Host,
        entry.Route.Match.Path.Value,
        entry.Route.Match.Path.Kind.ToString(),
        entry.Route.Source.ToString(),
        [.. entry.Route.Backends.Select(b => new BackendView(b.Service.Service.ToString(), b.Service.Port.ToString(), b.Weight, b.Protocol.ToString()))],
        [.. entry.Route.Filters.Select(Describe)],
        new TimeoutsView(entry.Route.Timeouts.Connect.TotalSeconds, entry.Route.Timeouts.Read.TotalSeconds, entry.Route.Timeouts.Send.TotalSeconds));

    private static string Describe(RouteFilter filter) => filter switch
    {
        DenyFilter deny => $"deny: {deny.Cause}",
        BodySizeFilter size => string.Create(CultureInfo.InvariantCulture, $"body size: {size.MaxBytes}"),
        HttpsRedirectFilter redirect => string.Create(CultureInfo.InvariantCulture, $"https redirect: {redirect.StatusCode}"),
        _ => filter.GetType().Name,
    };

    private static ClusterView View(ClusterStatus cluster) => new(
        cluster.Key.Service.ToString(),
        cluster.Key.Port.ToString(),
        [.. cluster.Endpoints.Select(e => new EndpointView(e.Address, e.Condition.ToString(), e.InFlight, e.Pod, e.Zone))]);

    private static CertificateView View(HostCertificate entry)
    {
        var certificate = entry.Certificate;
        var leaf = certificate?.Leaf;
        return new CertificateView(
            entry.Host, certificate?.Secret?.ToString(), certificate is null, leaf?.Subject, leaf?.Issuer, leaf?.SerialNumber,
            certificate?.DnsNames ?? [], leaf?.NotBefore.ToUniversalTime(), leaf?.NotAfter.ToUniversalTime());
    }

    private static DiagnosticView View(Diagnostic d) => new(
        d.Severity.ToString(), d.Subject?.ToString(), d.Origin?.ToString(), d.Field, d.Value is null ? null : Diagnostic.Printable(d.Value), d.Problem, d.Remedy);

    private static Task WriteAsync<TSource, TView>(HttpContext context, IEnumerable<TSource> all, Func<TSource, TView> view)
    {
        if (!TryReadNumber(context, "offset", 0, int.MaxValue, 0, out var offset)
            || !TryReadNumber(context, "limit", 1, HighestLimit, DefaultLimit, out var limit))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return context.Response.WriteAsJsonAsync(
                new ErrorView($"offset must be a number from 0 on, limit one from 1 to {HighestLimit}"), AdminJson.Default.ErrorView);
        }
        var found = all.ToList();
        var items = found.Skip(offset).Take(limit).Select(view).ToList();
        var end = offset + items.Count;
        return context.Response.WriteAsJsonAsync(
            new Page<TView>(found.Count, offset, end < found.Count && items.Count > 0 ? end : null, items), AdminJson.Default.Options);
    }

    private static bool TryReadNumber(HttpContext context, string name, int least, int most, int absent, out int value)
    {
        value = absent;
        return !context.Request.Query.TryGetValue(name, out var text)
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most);
    }

    /// <summary>What a call asks for.</summary>
    private sealed record Filter(string? Host, string? Namespace)
    {
        public static Filter Of(HttpContext context)
        {
            var query = context.Request.Query;
            return new Filter(Text(query["host"]), Text(query["namespace"]));
        }

        public bool TakesHost(string host) =>
            Host is null || host.Equals(Host == "*" ? HostRoutes.AnyHost : Host, StringComparison.OrdinalIgnoreCase);

        public bool TakesNamespace(string name) => Namespace is null || name == Namespace;

        private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;
    }
}
