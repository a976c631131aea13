using Gateway.Configuration.Model;
using Gateway.Proxy.Endpoints;
using Gateway.Proxy.Filters;
using Gateway.Proxy.Routing;
using Gateway.Proxy.Tls;

namespace Gateway.Proxy;

/// <summary>All that requests and handshakes are decided by. One writer applies changes; readers take no locks.</summary>
internal sealed class Tables
{
    public Tables(ICertificateTable certificates, Func<HostRoutes, Route, RequestFilter[]> compileFilters)
    {
        Certificates = certificates;
        Routes = new RouteTable(Endpoints, compileFilters);
    }

    public EndpointTable Endpoints { get; } = new();

    public ICertificateTable Certificates { get; }

    public RouteTable Routes { get; }

    /// <summary>
    /// Publishes a change, what is used before what uses it, and takes away in the opposite order: so a new host never
    /// answers anything between "not found" and its first good answer. Not to be called concurrently.
    /// </summary>
    public void Apply(ConfigurationDelta delta)
    {
        foreach (var endpoints in delta.Endpoints)
            Endpoints.Publish(endpoints);

        Certificates.SetDefault(delta.DefaultCertificate);
        foreach (var certificate in delta.Certificates)
            Certificates.Publish(certificate);

        foreach (var host in delta.Hosts)
            Routes.Publish(host);
        Routes.SetDefaultRoute(delta.DefaultRoute);

        foreach (var host in delta.RemovedHosts)
            Routes.Remove(host);
        foreach (var host in delta.RemovedCertificates)
            Certificates.Remove(host);
        foreach (var service in delta.RemovedServices)
            Endpoints.Remove(service);
    }
}
