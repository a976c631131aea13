using System.Collections.Concurrent;
using Gateway.Configuration.Model;
using Gateway.Proxy.Endpoints;
using Gateway.Proxy.Filters;

namespace Gateway.Proxy.Routing;

/// <summary>
/// What is served, by listener and host. One writer, any number of readers. Publishing costs what the one host holds,
/// and leaves every other host as it was.
/// </summary>
/// <param name="endpoints">Where the routes find their endpoints.</param>
/// <param name="compileFilters">Makes the steps of a host's route, in the order in which they run.</param>
internal sealed class RouteTable(EndpointTable endpoints, Func<HostRoutes, Route, RequestFilter[]> compileFilters)
{
    private readonly ConcurrentDictionary<string, ListenerRoutes> _listeners = new(StringComparer.Ordinal);
    private volatile CompiledRoute? _defaultRoute;

    /// <summary>Takes the requests that match no host or no route; null: they get 404.</summary>
    public CompiledRoute? DefaultRoute => _defaultRoute;

    /// <summary>The hosts of a listener: always the same object, to be looked up once.</summary>
    public ListenerRoutes Listener(string name) => _listeners.GetOrAdd(name, static _ => new ListenerRoutes());

    /// <summary>Serves the host as given from now on, on its listeners and on no others.</summary>
    public void Publish(HostRoutes host)
    {
        var compiled = new CompiledHost(host, host.Routes.Select(route => Compile(host, route)));
        foreach (var listener in host.Listeners)
            Listener(listener).Publish(compiled);
        foreach (var (name, listener) in _listeners)
        {
            if (!host.Listeners.Contains(name))
                listener.Remove(host.Host);
        }
    }

    /// <summary>Does not serve the host any more.</summary>
    public void Remove(string host)
    {
        foreach (var (_, listener) in _listeners)
            listener.Remove(host);
    }

    /// <summary>Replaces the default route; an equal one leaves it as it is.</summary>
    public void SetDefaultRoute(Route? route)
    {
        if (route != _defaultRoute?.Route)
            _defaultRoute = route is null ? null : Compile(new HostRoutes(HostRoutes.AnyHost) { Routes = [route] }, route);
    }

    private CompiledRoute Compile(HostRoutes host, Route route) => new(route, endpoints, compileFilters(host, route));
}
