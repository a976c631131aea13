using Gateway.Configuration.Certificates;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Services;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Ingress;

/// <summary>
/// Keeps the configuration in step with the objects: each batch of changes retranslates only what it touches, and
/// yields only what really became different. One writer; the views may be read from any thread.
/// </summary>
public sealed class ConfigurationTranslator
{
    private readonly TranslationOptions _options;
    private readonly Translate _translate;
    private readonly DiagnosticLog _log;
    private readonly ResourceStore _store = new();
    private readonly CertificateCache _certificates;
    private readonly PublishedConfiguration _published = new();
    private readonly Dictionary<ObjectName, TranslatedIngress> _translated = [];
    private readonly HashSet<string> _hostsWithTls = new(StringComparer.Ordinal);
    private TlsCertificate? _defaultCertificate;
    private TlsPolicy _tlsPolicy = TlsPolicy.Default;
    private ulong _globalHash;
    private bool _started;
    private volatile int _ingresses;
    private volatile ConfigurationHash _hash = new(0, 0, 0);

    /// <param name="options">The command line's part.</param>
    /// <param name="log">Takes what is wrong, in scopes of its own (<c>ingress:shop/web</c>, <c>host:foo.com</c> …).</param>
    public ConfigurationTranslator(TranslationOptions options, DiagnosticLog log)
        : this(options, log, IngressTranslation.Translate)
    {
    }

    /// <summary>The same with another translation of single Ingresses.</summary>
    internal ConfigurationTranslator(TranslationOptions options, DiagnosticLog log, Translate translate)
    {
        _options = options;
        _translate = translate;
        _log = log;
        _certificates = new CertificateCache(_store, options.SecretNamespaces);
    }

    /// <summary>The settings in force.</summary>
    public GatewaySettings Settings { get; private set; } = GatewaySettings.Default;

    /// <summary>What is served, by host.</summary>
    public IReadOnlyDictionary<string, HostRoutes> Hosts => _published.Hosts.Entries;

    /// <summary>The endpoints of every service port that some route names.</summary>
    public IReadOnlyDictionary<ServicePortKey, ServiceEndpoints> Endpoints => _published.Endpoints.Entries;

    /// <summary>The certificate of every host that has TLS.</summary>
    public IReadOnlyDictionary<string, HostCertificate> Certificates => _published.Certificates.Entries;

    /// <summary>How much is served.</summary>
    public TranslationCounts Counts => new(_ingresses, _published.Hosts.Entries.Count, _published.Routes, _published.Addresses);

    /// <summary>What is served, in short: see <see cref="ConfigurationHash"/>.</summary>
    public ConfigurationHash Hash => _hash;

    /// <summary>
    /// Applies a batch. The first one yields the settings and defaults even when it is empty. An empty batch with a
    /// later <paramref name="now"/> judges again the certificates that began or ceased to be valid meanwhile.
    /// </summary>
    /// <param name="changes">The changes, in the order in which they were made.</param>
    /// <param name="now">The time by which certificates are judged.</param>
    public ConfigurationDelta Apply(IReadOnlyList<ResourceChange> changes, DateTimeOffset now)
    {
        var touched = Touched.By(_store.Apply(changes), _store, _options);
        var settingsChanged = (touched.Settings || !_started) && ReadSettings();
        if (settingsChanged || touched.Classes)
            touched.AddAllIngresses(_store);
        if ((settingsChanged || touched.DefaultBackend || !_started) && ReadDefaultBackend())
            touched.AddAllHosts(_store);
        if (now >= _certificates.JudgeAgainAt)
        {
            _certificates.StartJudging();
            touched.AddAllCertificates(_translated.Values);
        }
        if (touched.DefaultCertificate || !_started)
            ReadDefaultCertificate(now);
        // Hosts without a certificate of their own are judged by what the default one covers.
        if (touched.DefaultCertificate)
            touched.AddAllCertificates(_translated.Values);
        if (settingsChanged || touched.DefaultBackend || touched.DefaultCertificate || !_started)
            _globalHash = TextHash.Of($"{Settings} {_published.DefaultRoute} {_defaultCertificate}");
        _started = true;

        TranslateIngresses(touched);
        JudgeCertificates(touched, now);
        MergeHosts(touched);
        GatherEndpoints(touched);
        _hash = _published.HashWith(_globalHash);
        return _published.TakeDelta(new ConfigurationDelta { Settings = Settings, DefaultCertificate = _defaultCertificate });
    }

    /// <summary>Whether an Ingress is new and ours, and one of its Services, or where it leads, is not known yet.</summary>
    /// <param name="ingress">The Ingress.</param>
    /// <param name="arriving">What is about to be applied.</param>
    public bool AwaitsServices(IngressResource ingress, IReadOnlyCollection<Resource> arriving)
    {
        return _store.Ingress(ingress.Name) is null
            && IngressClasses.IsOurs(ingress, _store.Classes, _options, new DiagnosticCollector(null))
            && ingress.ServiceNames().Any(IsAwaited);

        bool IsAwaited(ObjectName name) =>
            (arriving.OfType<ServiceResource>().FirstOrDefault(service => service.Name == name) ?? _store.Service(name)) is not { } service
            || (service.ExternalName is null && !_store.SlicesOf(name).Any()
                && !arriving.OfType<EndpointSliceResource>().Any(slice => slice.ServiceName == name));
    }

    /// <summary>
    /// Judges <paramref name="candidate"/> in the place of the Ingress of its name, by the translation that would serve it;
    /// nothing is changed. Not to be called while a batch is applied.
    /// </summary>
    public IngressJudgement Judge(IngressResource candidate, DateTimeOffset now)
    {
        var diagnostics = new DiagnosticCollector(candidate.Key);
        if (!IngressClasses.IsOurs(candidate, _store.Classes, _options, diagnostics))
            return new IngressJudgement([], []);
        // One that is being created is younger than all others.
        candidate = candidate with { CreatedAt = candidate.CreatedAt ?? _store.Ingress(candidate.Name)?.CreatedAt ?? now };
        List<Diagnostic> conflicts = [];
        List<Diagnostic> fallbacks = [];
        if (_translate(candidate, _store.Service, Settings, diagnostics) is { } translated)
        {
            CertificateJudgement.Judge(candidate, _certificates, now, diagnostics);
            foreach (var host in translated.PathsByHost.Keys)
            {
                List<TranslatedIngress> ingresses = [.. OldestFirst(host).Where(other => other.Source.Name != candidate.Name), translated];
                ingresses.Sort((a, b) => IngressOrder.Compare(a.Source, b.Source));
                HostMerge.Merge(host, ingresses, hostHasTls: false, defaultBackend: null, Settings, _tlsPolicy, conflicts);
                if (CertificateSelection.JudgeFallback(host, ingresses.Select(each => each.Source), _certificates, _defaultCertificate) is { } fallback)
                    fallbacks.Add(fallback);
            }
        }
        return IngressJudgement.Of(diagnostics.Diagnostics.Concat(OfCandidate(fallbacks)), OfCandidate(conflicts));

        IEnumerable<Diagnostic> OfCandidate(List<Diagnostic> all) => all.Where(diagnostic => diagnostic.Subject == candidate.Key);
    }

    /// <summary>Translates one Ingress; null: it adds nothing.</summary>
    internal delegate TranslatedIngress? Translate(
        IngressResource ingress, Func<ObjectName, ServiceResource?> services, GatewaySettings settings, DiagnosticCollector diagnostics);

    /// <summary>The Ingress as it was last translated, or null when it adds nothing: the same instance until something touches it.</summary>
    internal TranslatedIngress? Translated(ObjectName ingress) => _translated.GetValueOrDefault(ingress);

    private bool ReadSettings()
    {
        var before = Settings;
        var diagnostics = new DiagnosticCollector(_options.ConfigMap is { } name ? new ResourceKey(ResourceKind.ConfigMap, name) : null);
        if (_options.ConfigMap is not { } named)
            Settings = GatewaySettings.Default;
        else if (_store.ConfigMap(named) is { } map)
            Settings = SettingsReader.Read(map, diagnostics);
        else
        {
            Settings = GatewaySettings.Default;
            diagnostics.Error("", null, "this is the ConfigMap that --configmap names, but it does not exist or may not be read, so the defaults are used", "Create it, give the gateway the right to read it, or correct the option");
        }
        _tlsPolicy = new TlsPolicy(Settings.SslProtocols);
        Report("settings", diagnostics.Diagnostics);
        return Settings != before;
    }

    private bool ReadDefaultBackend()
    {
        var diagnostics = new DiagnosticCollector(null);
        var before = _published.DefaultRoute;
        _published.DefaultRoute = DefaultBackend.Translate(_options.DefaultBackendService, _options.WatchNamespace, _store.Service, Settings, diagnostics);
        Report("default-backend", diagnostics.Diagnostics);
        return before != _published.DefaultRoute;
    }

    private void ReadDefaultCertificate(DateTimeOffset now)
    {
        var diagnostics = new DiagnosticCollector(null);
        _defaultCertificate = CertificateJudgement.Default(_options.DefaultSslCertificate, _certificates, now, diagnostics);
        Report("default-certificate", diagnostics.Diagnostics);
    }

    private void TranslateIngresses(Touched touched)
    {
        foreach (var name in touched.Ingresses)
        {
            var diagnostics = new DiagnosticCollector(new ResourceKey(ResourceKind.Ingress, name));
            TranslatedIngress? translated = null;
            ServedIngress? served = null;
            try
            {
                if (_store.Ingress(name) is { } ingress && IngressClasses.IsOurs(ingress, _store.Classes, _options, diagnostics))
                {
                    served = IngressClasses.Served(ingress, _store.Classes);
                    translated = _translate(ingress, _store.Service, Settings, diagnostics);
                }
            }
#pragma warning disable CA1031 // A fault that one Ingress brings to light must not keep the others from being served.
            catch (Exception e)
#pragma warning restore CA1031
            {
                diagnostics.Error(
                    "", null, $"the gateway failed to translate this Ingress ({e.GetType().Name}: {e.Message}), so it is not served",
                    "Report this as a fault of the gateway, with the Ingress");
            }
            if (translated is null)
                _translated.Remove(name);
            else
                _translated[name] = translated;
            _published.Ingresses.TryPut(name, served, out _);
            Report($"ingress:{name}", diagnostics.Diagnostics);
        }
        _ingresses = _translated.Count;
    }

    private void JudgeCertificates(Touched touched, DateTimeOffset now)
    {
        foreach (var name in touched.Certificates.Union(touched.Ingresses))
        {
            var diagnostics = new DiagnosticCollector(new ResourceKey(ResourceKind.Ingress, name));
            if (_translated.TryGetValue(name, out var translated))
                CertificateJudgement.Judge(translated.Source, _certificates, now, diagnostics);
            Report($"certificates:{name}", diagnostics.Diagnostics);
        }
    }

    private void MergeHosts(Touched touched)
    {
        foreach (var host in touched.Hosts.ToArray())
        {
            // A wildcard host with TLS turns the redirect on for the hosts below it.
            if (HasTls(host) ? _hostsWithTls.Add(host) : _hostsWithTls.Remove(host))
                touched.Hosts.UnionWith(_store.HostsBelow(host));
        }
        foreach (var host in touched.Hosts)
        {
            var ingresses = OldestFirst(host);
            List<Diagnostic> conflicts = [];
            var redirects = _hostsWithTls.Contains(host) || (References.WildcardAbove(host) is { } wildcard && _hostsWithTls.Contains(wildcard));
            var defaultBackend = _published.DefaultRoute?.Backends[0];
            _published.PutHost(host, HostMerge.Merge(host, ingresses, redirects, defaultBackend, Settings, _tlsPolicy, conflicts));
            Report($"host:{host}", conflicts);
            SelectCertificate(host, ingresses);
        }
        foreach (var name in touched.Certificates)
        {
            if (!_translated.TryGetValue(name, out var translated))
                continue;
            foreach (var host in translated.PathsByHost.Keys)
                SelectCertificate(host, OldestFirst(host));
        }
    }

    /// <summary>Whether some Ingress of the host has a <c>tls</c> list; requests for unknown hosts have no host that could.</summary>
    private bool HasTls(string host) =>
        host != HostRoutes.AnyHost
        && _store.IngressesOfHost(host).Any(name => _translated.TryGetValue(name, out var translated) && translated.Source.Tls.Count > 0);

    private void SelectCertificate(string host, List<TranslatedIngress> oldestFirst)
    {
        if (host == HostRoutes.AnyHost)
            return;
        IngressResource[] ingresses = [.. oldestFirst.Select(ingress => ingress.Source)];
        List<Diagnostic> diagnostics = [];
        CertificateSelection.JudgeConflicts(host, ingresses, diagnostics);
        if (CertificateSelection.JudgeFallback(host, ingresses, _certificates, _defaultCertificate) is { } fallback)
            diagnostics.Add(fallback);
        Report($"certificate:{host}", diagnostics);
        _published.Certificates.TryPut(host, CertificateSelection.Select(host, ingresses, _certificates, _tlsPolicy), out _);
    }

    private List<TranslatedIngress> OldestFirst(string host)
    {
        List<TranslatedIngress> ingresses = [];
        foreach (var name in _store.IngressesOfHost(host))
        {
            if (_translated.TryGetValue(name, out var translated))
                ingresses.Add(translated);
        }
        ingresses.Sort((a, b) => IngressOrder.Compare(a.Source, b.Source));
        return ingresses;
    }

    private void GatherEndpoints(Touched touched)
    {
        foreach (var key in _published.TakeUsesChanged())
        {
            touched.Services.Add(key.Service);
            if (!_published.PortsOf(key.Service).Contains(key))
                _published.PutEndpoints(key, null);
        }
        foreach (var name in touched.Services)
        {
            var diagnostics = new DiagnosticCollector(new ResourceKey(ResourceKind.Service, name));
            var ports = _published.PortsOf(name);
            if (ports.Count > 0)
            {
                EndpointSliceResource[] slices = [.. _store.SlicesOf(name)];
                foreach (var port in ports)
                    _published.PutEndpoints(port, EndpointTranslation.Translate(port, _store.Service(name), slices, _options.ManifestMode, diagnostics));
            }
            Report($"service:{name}", diagnostics.Diagnostics);
        }
    }

    private void Report(string scope, IReadOnlyList<Diagnostic> diagnostics) =>
        _log.Replace(scope, [.. diagnostics.Distinct().Select(diagnostic =>
            diagnostic.Subject is { } subject ? diagnostic with { Origin = _store.OriginOf(subject) } : diagnostic)]);
}
