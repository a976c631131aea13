using Gateway.Configuration.Diagnostics;

namespace Gateway.Configuration.Resources;

/// <summary>What one entry of a batch really changed.</summary>
/// <param name="Key">The object.</param>
/// <param name="Before">Its state before, or null when it is new.</param>
/// <param name="After">Its state now, or null when it is gone.</param>
internal readonly record struct AppliedChange(ResourceKey Key, Resource? Before, Resource? After);

/// <summary>
/// The objects as the sources last reported them, with the indexes by which a change finds what it touches.
/// One writer, and readers only on its thread.
/// </summary>
internal sealed class ResourceStore
{
    private readonly Dictionary<ResourceKey, (Resource Resource, Origin? Origin)> _entries = [];
    private readonly MultiIndex<ObjectName, ObjectName> _ingressesByService = new();
    private readonly MultiIndex<ObjectName, ObjectName> _ingressesBySecret = new();
    private readonly MultiIndex<ObjectName, ObjectName> _slicesByService = new();
    private readonly MultiIndex<string, ObjectName> _ingressesByHost = new();
    private readonly MultiIndex<string, string> _hostsByWildcard = new();
    private readonly SortedDictionary<string, IngressClassResource> _classes = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectName, IngressResource> _ingresses = [];

    /// <summary>All Ingresses, ours or not.</summary>
    public IReadOnlyCollection<IngressResource> Ingresses => _ingresses.Values;

    /// <summary>All IngressClasses, by name.</summary>
    public IReadOnlyDictionary<string, IngressClassResource> Classes => _classes;

    /// <summary>All hosts that some Ingress names, ours or not.</summary>
    public IReadOnlyCollection<string> Hosts => _ingressesByHost.Keys;

    /// <summary>
    /// Takes over a batch. An entry that changes nothing the gateway uses is left out of the answer; one whose
    /// object only moved within its file is not, since diagnostics name the line.
    /// </summary>
    public IReadOnlyList<AppliedChange> Apply(IReadOnlyList<ResourceChange> changes)
    {
        List<AppliedChange> applied = [];
        foreach (var (key, resource, origin) in changes)
        {
            var known = _entries.TryGetValue(key, out var entry);
            if (resource is null)
            {
                if (!known)
                    continue;
                _entries.Remove(key);
                Unindex(entry.Resource);
                applied.Add(new AppliedChange(key, entry.Resource, null));
            }
            else if (!known || !entry.Resource.Equals(resource))
            {
                if (known)
                    Unindex(entry.Resource);
                _entries[key] = (resource, origin);
                Index(resource);
                applied.Add(new AppliedChange(key, known ? entry.Resource : null, resource));
            }
            else if (entry.Origin != origin)
            {
                _entries[key] = (entry.Resource, origin);
                applied.Add(new AppliedChange(key, entry.Resource, entry.Resource));
            }
        }
        return applied;
    }

    /// <summary>Where the object was read, or null.</summary>
    public Origin? OriginOf(ResourceKey key) => _entries.GetValueOrDefault(key).Origin;

    /// <summary>The Ingress of this name, or null.</summary>
    public IngressResource? Ingress(ObjectName name) => _ingresses.GetValueOrDefault(name);

    /// <summary>The Service of this name, or null.</summary>
    public ServiceResource? Service(ObjectName name) => Find<ServiceResource>(ResourceKind.Service, name);

    /// <summary>The Secret of this name, or null.</summary>
    public SecretResource? Secret(ObjectName name) => Find<SecretResource>(ResourceKind.Secret, name);

    /// <summary>The ConfigMap of this name, or null.</summary>
    public ConfigMapResource? ConfigMap(ObjectName name) => Find<ConfigMapResource>(ResourceKind.ConfigMap, name);

    /// <summary>The EndpointSlices of a Service.</summary>
    public IEnumerable<EndpointSliceResource> SlicesOf(ObjectName service) =>
        _slicesByService[service].Select(name => Find<EndpointSliceResource>(ResourceKind.EndpointSlice, name)!);

    /// <summary>The Ingresses that name a Service.</summary>
    public IReadOnlyCollection<ObjectName> IngressesOfService(ObjectName service) => _ingressesByService[service];

    /// <summary>The Ingresses that name a Secret.</summary>
    public IReadOnlyCollection<ObjectName> IngressesOfSecret(ObjectName secret) => _ingressesBySecret[secret];

    /// <summary>The Ingresses that name a host (lower case).</summary>
    public IReadOnlyCollection<ObjectName> IngressesOfHost(string host) => _ingressesByHost[host];

    /// <summary>The hosts that some Ingress names and that a wildcard host stands for.</summary>
    public IReadOnlyCollection<string> HostsBelow(string wildcard) => _hostsByWildcard[wildcard];

    private T? Find<T>(ResourceKind kind, ObjectName name)
        where T : Resource =>
        (T?)_entries.GetValueOrDefault(new ResourceKey(kind, name)).Resource;

    private void Index(Resource resource)
    {
        switch (resource)
        {
            case IngressResource ingress:
                _ingresses[ingress.Name] = ingress;
                foreach (var service in ingress.ServiceNames())
                    _ingressesByService.Add(service, ingress.Name);
                foreach (var secret in ingress.SecretNames())
                    _ingressesBySecret.Add(secret, ingress.Name);
                foreach (var host in ingress.HostNames())
                {
                    _ingressesByHost.Add(host, ingress.Name);
                    if (References.WildcardAbove(host) is { } wildcard)
                        _hostsByWildcard.Add(wildcard, host);
                }
                break;
            case EndpointSliceResource { ServiceName: { } service }:
                _slicesByService.Add(service, resource.Name);
                break;
            case IngressClassResource ingressClass:
                _classes[ingressClass.Name.Name] = ingressClass;
                break;
        }
    }

    private void Unindex(Resource resource)
    {
        switch (resource)
        {
            case IngressResource ingress:
                _ingresses.Remove(ingress.Name);
                foreach (var service in ingress.ServiceNames())
                    _ingressesByService.Remove(service, ingress.Name);
                foreach (var secret in ingress.SecretNames())
                    _ingressesBySecret.Remove(secret, ingress.Name);
                foreach (var host in ingress.HostNames())
                {
                    _ingressesByHost.Remove(host, ingress.Name);
                    if (_ingressesByHost[host].Count == 0 && References.WildcardAbove(host) is { } wildcard)
                        _hostsByWildcard.Remove(wildcard, host);
                }
                break;
            case EndpointSliceResource { ServiceName: { } service }:
                _slicesByService.Remove(service, resource.Name);
                break;
            case IngressClassResource ingressClass:
                _classes.Remove(ingressClass.Name.Name);
                break;
        }
    }
}
