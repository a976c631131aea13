using System.Globalization;
using System.Text;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Ingress;

/// <summary>
/// What has been handed to the data plane so far. Taking in a result that equals what is there leaves it, and the
/// delta, untouched. One writer; the dictionaries may be read from any thread.
/// </summary>
internal sealed class PublishedConfiguration
{
    private readonly Dictionary<ObjectName, Dictionary<ServicePortKey, int>> _uses = [];
    private readonly HashSet<ServicePortKey> _usesChanged = [];
    private ConfigurationHash _hash = new(0, 0, 0);
    private Route? _defaultRoute;
    private int _routes;
    private int _addresses;

    public PublishedTable<string, HostRoutes> Hosts { get; } = new(static host => host.ToString());

    public PublishedTable<string, HostCertificate> Certificates { get; } = new(static entry => entry.ToString());

    public PublishedTable<ServicePortKey, ServiceEndpoints> Endpoints { get; } = new(Describe);

    public PublishedTable<ObjectName, ServedIngress> Ingresses { get; } = new(static ingress => ingress.ToString());

    /// <summary>How many routes there are.</summary>
    public int Routes => Volatile.Read(ref _routes);

    /// <summary>How many endpoints there are.</summary>
    public int Addresses => Volatile.Read(ref _addresses);

    /// <summary>The default route; setting it counts the service ports that it names.</summary>
    public Route? DefaultRoute
    {
        get => _defaultRoute;
        set
        {
            Use(value, +1);
            Use(_defaultRoute, -1);
            _defaultRoute = value;
        }
    }

    /// <summary>The hash of all that is there and of what belongs to no host, which is <paramref name="global"/>.</summary>
    public ConfigurationHash HashWith(ulong global)
    {
        var routes = unchecked(Hosts.Hash + Certificates.Hash + global);
        if (routes != _hash.Routes || Endpoints.Hash != _hash.Endpoints)
            _hash = new ConfigurationHash(_hash.Generation + (routes == _hash.Routes ? 0 : 1), routes, Endpoints.Hash);
        return _hash;
    }

    /// <summary>Puts <paramref name="routes"/> in the place of what <paramref name="host"/> had; null: the host is served no longer.</summary>
    public void PutHost(string host, HostRoutes? routes)
    {
        if (!Hosts.TryPut(host, routes, out var before))
            return;
        foreach (var route in routes?.Routes ?? [])
            Use(route, +1);
        foreach (var route in before?.Routes ?? [])
            Use(route, -1);
        Volatile.Write(ref _routes, _routes + (routes?.Routes.Count ?? 0) - (before?.Routes.Count ?? 0));
    }

    /// <summary>Puts <paramref name="endpoints"/> in the place of what <paramref name="key"/> had; null: no route names it any more.</summary>
    public void PutEndpoints(ServicePortKey key, ServiceEndpoints? endpoints)
    {
        if (Endpoints.TryPut(key, endpoints, out var before))
            Volatile.Write(ref _addresses, _addresses + (endpoints?.Addresses.Count ?? 0) - (before?.Addresses.Count ?? 0));
    }

    /// <summary>The service ports of a Service that routes name.</summary>
    public IReadOnlyCollection<ServicePortKey> PortsOf(ObjectName service) =>
        _uses.TryGetValue(service, out var ports) ? ports.Keys : (IReadOnlyCollection<ServicePortKey>)[];

    /// <summary>The service ports that routes came to name, or ceased to name, since the last call.</summary>
    public IReadOnlyCollection<ServicePortKey> TakeUsesChanged()
    {
        ServicePortKey[] changed = [.. _usesChanged];
        _usesChanged.Clear();
        return changed;
    }

    /// <summary>What changed since the last call, put into <paramref name="delta"/>.</summary>
    public ConfigurationDelta TakeDelta(ConfigurationDelta delta)
    {
        var (hosts, removedHosts) = Hosts.TakeChanges();
        var (certificates, removedCertificates) = Certificates.TakeChanges();
        var (endpoints, removedServices) = Endpoints.TakeChanges();
        var (ingresses, removedIngresses) = Ingresses.TakeChanges();
        return delta with
        {
            DefaultRoute = _defaultRoute,
            Hosts = hosts,
            RemovedHosts = removedHosts,
            Certificates = certificates,
            RemovedCertificates = removedCertificates,
            Endpoints = endpoints,
            RemovedServices = removedServices,
            Ingresses = ingresses,
            RemovedIngresses = removedIngresses,
        };
    }

    /// <summary>Shorter than the record's own text, since endpoints change often and are many.</summary>
    private static string Describe(ServiceEndpoints endpoints)
    {
        var text = new StringBuilder(endpoints.Key.ToString());
        foreach (var address in endpoints.Addresses)
            text.Append(CultureInfo.InvariantCulture, $" {address.Host}:{address.Port}/{(int)address.Condition}/{address.Zone}");
        return text.ToString();
    }

    private void Use(Route? route, int times)
    {
        foreach (var backend in route?.Backends ?? [])
        {
            var key = backend.Service;
            if (!_uses.TryGetValue(key.Service, out var ports))
                _uses.Add(key.Service, ports = []);
            var before = ports.GetValueOrDefault(key);
            if (before == 0 || before + times == 0)
                _usesChanged.Add(key);
            if (before + times > 0)
                ports[key] = before + times;
            else if (ports.Remove(key) && ports.Count == 0)
                _uses.Remove(key.Service);
        }
    }
}
