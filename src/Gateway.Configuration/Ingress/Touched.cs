using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Ingress;

/// <summary>What a batch of changes touches, and so what must be translated again; found by the store's indexes.</summary>
internal sealed class Touched
{
    /// <summary>Whether which Ingresses are ours may have changed.</summary>
    public bool Classes { get; private set; }

    /// <summary>Whether the ConfigMap changed.</summary>
    public bool Settings { get; private set; }

    /// <summary>Whether the default backend's Service changed.</summary>
    public bool DefaultBackend { get; private set; }

    /// <summary>Whether the default certificate's Secret changed.</summary>
    public bool DefaultCertificate { get; private set; }

    /// <summary>Ingresses to translate.</summary>
    public HashSet<ObjectName> Ingresses { get; } = [];

    /// <summary>Ingresses of which only certificates are touched.</summary>
    public HashSet<ObjectName> Certificates { get; } = [];

    /// <summary>Hosts to merge.</summary>
    public HashSet<string> Hosts { get; } = new(StringComparer.Ordinal);

    /// <summary>Services whose endpoints are to be gathered.</summary>
    public HashSet<ObjectName> Services { get; } = [];

    /// <summary>What <paramref name="changes"/> touch, once <paramref name="store"/> has taken them over.</summary>
    public static Touched By(IReadOnlyList<AppliedChange> changes, ResourceStore store, TranslationOptions options)
    {
        var touched = new Touched();
        foreach (var change in changes)
            touched.Add(change, store, options);
        return touched;
    }

    /// <summary>Adds all Ingresses and hosts.</summary>
    public void AddAllIngresses(ResourceStore store)
    {
        foreach (var ingress in store.Ingresses)
            Ingresses.Add(ingress.Name);
        AddAllHosts(store);
    }

    /// <summary>Adds all hosts.</summary>
    public void AddAllHosts(ResourceStore store) => Hosts.UnionWith(store.Hosts);

    /// <summary>Adds all certificates.</summary>
    public void AddAllCertificates(IEnumerable<TranslatedIngress> ingresses)
    {
        DefaultCertificate = true;
        foreach (var ingress in ingresses)
        {
            if (ingress.Source.Tls.Count > 0)
                Certificates.Add(ingress.Source.Name);
        }
    }

    private void Add(AppliedChange change, ResourceStore store, TranslationOptions options)
    {
        var name = change.Key.Name;
        switch (change.Key.Kind)
        {
            case ResourceKind.Ingress:
                foreach (var version in new[] { change.Before, change.After })
                {
                    if (version is IngressResource ingress)
                        AddIngress(ingress);
                }
                break;
            case ResourceKind.IngressClass:
                Classes = true;
                break;
            case ResourceKind.Service:
                Services.Add(name);
                DefaultBackend |= name == options.DefaultBackendService;
                foreach (var ingress in store.IngressesOfService(name))
                    AddIngress(store.Ingress(ingress)!);
                break;
            case ResourceKind.EndpointSlice:
                foreach (var version in new[] { change.Before, change.After })
                {
                    if (version is EndpointSliceResource { ServiceName: { } service })
                        Services.Add(service);
                }
                break;
            case ResourceKind.Secret:
                DefaultCertificate |= name == options.DefaultSslCertificate;
                Certificates.UnionWith(store.IngressesOfSecret(name));
                break;
            case ResourceKind.ConfigMap:
                Settings |= name == options.ConfigMap;
                break;
        }
    }

    private void AddIngress(IngressResource ingress)
    {
        Ingresses.Add(ingress.Name);
        Hosts.UnionWith(ingress.HostNames());
    }
}
