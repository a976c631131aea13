using System.Globalization;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Tests.Ingress;

public sealed class IncrementalTranslationTests
{
    private static readonly TranslationOptions[] AllOptions =
    [
        new() { ManifestMode = true },
        new() { ManifestMode = true, DefaultBackendService = new ObjectName("a", "s1"), DefaultSslCertificate = new ObjectName("a", "t1"), ConfigMap = new ObjectName("a", "settings") },
        new() { ControllerClasses = ["k8s.io/ingress-nginx"], DefaultBackendService = new ObjectName("b", "s2"), ConfigMap = new ObjectName("a", "settings") },
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Edits_one_by_one_lead_to_what_the_final_state_gives_at_once(int optionsIndex)
    {
        var options = AllOptions[optionsIndex];
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var objects = new RandomObjects(random);
        var now = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

        Dictionary<ResourceKey, ResourceChange> state = [];
        var log = new DiagnosticLog();
        var incremental = new ConfigurationTranslator(options, log);
        var mirror = new Mirror();
        for (var edit = 0; edit < 600; edit++)
        {
            var changes = Enumerable.Range(0, random.Next(4)).Select(_ => objects.Change()).DistinctBy(change => change.Key).ToArray();
            foreach (var change in changes)
            {
                state.Remove(change.Key);
                if (change.Resource is not null)
                    state.Add(change.Key, change);
            }
            now += TimeSpan.FromDays(random.Next(12));
            mirror.Apply(incremental.Apply(changes, now));

            var freshLog = new DiagnosticLog();
            var fresh = new ConfigurationTranslator(options, freshLog);
            ResourceChange[] all = [.. state.Values];
            random.Shuffle(all);
            var freshMirror = new Mirror();
            freshMirror.Apply(fresh.Apply(all, now));

            var context = string.Create(CultureInfo.InvariantCulture, $"seed {seed}, edit {edit}");
            AssertSame(freshMirror.Describe(), mirror.Describe(), context);
            AssertSame(Mirror.Of(incremental).Describe(), mirror.Describe(tablesOnly: true), context + ", views");
            AssertSame(Describe(freshLog), Describe(log), context + ", diagnostics");
            Assert.True(fresh.Counts == incremental.Counts, $"{context}: {fresh.Counts} {incremental.Counts}");
        }
    }

    private static string Describe(DiagnosticLog log) => string.Join('\n', log.Current.Select(diagnostic => $"{diagnostic.Severity} {diagnostic}").Order(StringComparer.Ordinal));

    private static void AssertSame(string expected, string actual, string context)
    {
        if (expected != actual)
            Assert.Fail($"{context}\n--- from scratch\n{expected}\n--- incremental\n{actual}");
    }

    /// <summary>The data plane's part: takes deltas in, and insists that they say nothing twice.</summary>
    private sealed class Mirror
    {
        private ConfigurationDelta? _last;
        private Dictionary<string, HostRoutes> _hosts = [];
        private Dictionary<ServicePortKey, ServiceEndpoints> _endpoints = [];
        private Dictionary<string, HostCertificate> _certificates = [];

        public static Mirror Of(ConfigurationTranslator translator) => new()
        {
            _hosts = new(translator.Hosts),
            _endpoints = new(translator.Endpoints),
            _certificates = new(translator.Certificates),
        };

        public void Apply(ConfigurationDelta delta)
        {
            _last = delta;
            Apply(_hosts, delta.Hosts, host => host.Host, delta.RemovedHosts);
            Apply(_endpoints, delta.Endpoints, endpoints => endpoints.Key, delta.RemovedServices);
            Apply(_certificates, delta.Certificates, certificate => certificate.Host, delta.RemovedCertificates);
            foreach (var backend in _hosts.Values.SelectMany(host => host.Routes).Concat(delta.DefaultRoute is { } route ? [route] : []).SelectMany(route => route.Backends))
                Assert.True(_endpoints.ContainsKey(backend.Service), $"{backend.Service} was not published");
        }

        public string Describe(bool tablesOnly = false)
        {
            var text = new StringWriter(CultureInfo.InvariantCulture);
            foreach (var (name, host) in _hosts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                text.WriteLine($"{name} {host.Tls}");
                foreach (var route in host.Routes)
                    text.WriteLine($"  {route.Id} {route.Precedence} -> {string.Join(' ', route.Backends)} {string.Join(' ', route.Filters)} {route.Timeouts}");
            }
            foreach (var (key, endpoints) in _endpoints.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal))
                text.WriteLine($"{key}: {string.Join(' ', endpoints.Addresses)}");
            foreach (var (name, certificate) in _certificates.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                text.WriteLine($"{name}: {certificate.Certificate?.Secret} {certificate.Certificate?.Leaf.Thumbprint} {certificate.Policy}");
            if (_last is { } last && !tablesOnly)
                text.WriteLine($"{last.DefaultCertificate?.Leaf.Thumbprint} {last.DefaultRoute?.Id} {last.Settings with { ProxyRealIpCidr = [], NoTlsRedirectLocations = [] }}");
            return text.ToString();
        }

        private static void Apply<TKey, TValue>(Dictionary<TKey, TValue> table, IReadOnlyList<TValue> changed, Func<TValue, TKey> keyOf, IReadOnlyList<TKey> removed)
            where TKey : notnull
            where TValue : class
        {
            foreach (var value in changed)
            {
                Assert.False(table.TryGetValue(keyOf(value), out var before) && before.Equals(value), $"{keyOf(value)} did not change");
                table[keyOf(value)] = value;
            }
            foreach (var key in removed)
                Assert.True(table.Remove(key), $"{key} was not there");
        }
    }
}
