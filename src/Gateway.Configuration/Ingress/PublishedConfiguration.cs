using System.Collections.Concurrent;
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
    private readonly Dictionary<string, HostRoutes?> _hostsInDelta = [];
    private readonly Dictionary<string, HostCertificate?> _certificatesInDelta = [];
    private readonly Dictionary<ServicePortKey, ServiceEndpoints?> _endpointsInDelta = [];
    private readonly Dictionary<ObjectName, ServedIngress?> _ingressesInDelta = [];
    private Route? _defaultRoute;
    private int _routes;
    private int _addresses;

    public ConcurrentDictionary<string, HostRoutes> Hosts { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, HostCertificate> Certificates { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<ServicePortKey, ServiceEndpoints> Endpoints { get; } = new();

    public ConcurrentDictionary<ObjectName, ServedIngress> Ingresses { get; } = new();

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

    /// <summary>Puts <paramref name="routes"/> in the place of what <paramref name="host"/> had; null: the host is served no longer.</summary>
    public void PutHost(string host, HostRoutes? routes)
    {
        var before = Hosts.GetValueOrDefault(host);
        if (Equals(before, routes))
            return;
        foreach (var route in routes?.Routes ?? [])
            Use(route, +1);
        foreach (var route in before?.Routes ?? [])
            Use(route, -1);
        Volatile.Write(ref _routes, _routes + (routes?.Routes.Count ?? 0) - (before?.Routes.Count ?? 0));
        Put(Hosts, _hostsInDelta, host, routes);
    }

    /// <summary>Puts <paramref name="certificate"/> in the place of what <paramref name="host"/> had; null: there is none any more.</summary>
    public void PutCertificate(string host, HostCertificate? certificate)
    {
        if (!Equals(Certificates.GetValueOrDefault(host), certificate))
            Put(Certificates, _certificatesInDelta, host, certificate);
    }

    /// <summary>Puts <paramref name="endpoints"/> in the place of what <paramref name="key"/> had; null: no route names it any more.</summary>
    public void PutEndpoints(ServicePortKey key, ServiceEndpoints? endpoints)
    {
        var before = Endpoints.GetValueOrDefault(key);
        if (Equals(before, endpoints))
            return;
        Volatile.Write(ref _addresses, _addresses + (endpoints?.Addresses.Count ?? 0) - (before?.Addresses.Count ?? 0));
        Put(Endpoints, _endpointsInDelta, key, endpoints);
    }

    /// <summary>Puts <paramref name="ingress"/> in the place of what <paramref name="name"/> had; null: it is served no longer.</summary>
    public void PutIngress(ObjectName name, ServedIngress? ingress)
    {
        if (!Equals(Ingresses.GetValueOrDefault(name), ingress))
            Put(Ingresses, _ingressesInDelta, name, ingress);
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
        var taken = delta with
        {
            DefaultRoute = _defaultRoute,
            Hosts = Changed(_hostsInDelta),
            RemovedHosts = Removed(_hostsInDelta),
            Certificates = Changed(_certificatesInDelta),
            RemovedCertificates = Removed(_certificatesInDelta),
            Endpoints = Changed(_endpointsInDelta),
            RemovedServices = Removed(_endpointsInDelta),
            Ingresses = Changed(_ingressesInDelta),
            RemovedIngresses = Removed(_ingressesInDelta),
        };
        _hostsInDelta.Clear();
        _certificatesInDelta.Clear();
        _endpointsInDelta.Clear();
        _ingressesInDelta.Clear();
        return taken;
    }

    private static TValue[] Changed<TKey, TValue>(Dictionary<TKey, TValue?> delta)
        where TKey : notnull
        where TValue : class =>
        [.. delta.Values.OfType<TValue>()];

    private static TKey[] Removed<TKey, TValue>(Dictionary<TKey, TValue?> delta)
        where TKey : notnull
        where TValue : class =>
        [.. delta.Where(entry => entry.Value is null).Select(entry => entry.Key)];

    private static void Put<TKey, TValue>(ConcurrentDictionary<TKey, TValue> table, Dictionary<TKey, TValue?> delta, TKey key, TValue? value)
        where TKey : notnull
        where TValue : class
    {
        delta[key] = value;
        if (value is null)
            table.TryRemove(key, out _);
        else
            table[key] = value;
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
