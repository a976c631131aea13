using System.Globalization;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Tests.Ingress;

public sealed class CostOfChangeTests
{
    private const int Count = 10_000;
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ConfigurationTranslator _translator = new(new TranslationOptions { ManifestMode = true }, new DiagnosticLog());

    private static ObjectName Name(int i) => new("shop", string.Create(CultureInfo.InvariantCulture, $"web-{i}"));

    private static string Host(int i) => string.Create(CultureInfo.InvariantCulture, $"host-{i}.com");

    private static IngressResource Ingress(int i, params string[] hosts) => new(Name(i))
    {
        Rules = hosts.Select(host => new IngressRule(
            host, [new IngressPath("/", IngressPathType.Prefix, new IngressBackend(Name(i).Name, new PortReference(80, null)))])).ToEquatableArray(),
        Tls = [new IngressTls([Host(i)], "tls")],
    };

    private static ServiceResource Service(int i, string? appProtocol = null) =>
        new(Name(i)) { Ports = [new ServicePort("http", 80, default, AppProtocol: appProtocol)] };

    private static EndpointSliceResource Slice(int i, string address) => new(Name(i))
    {
        Service = Name(i).Name,
        Ports = [new EndpointPort("http", 8080)],
        Endpoints = [new SliceEndpoint([address])],
    };

    private void ApplyAll() => _translator.Apply(
        [.. Enumerable.Range(0, Count).SelectMany(i => new Resource[] { Ingress(i, Host(i)), Service(i), Slice(i, "10.0.0.1") }).Select(each => ResourceChange.Upsert(each))], Now);

    /// <summary>The Ingresses that were translated anew, and the hosts that were published anew, by <paramref name="change"/>.</summary>
    private (int[] Ingresses, string[] Hosts, int Endpoints) TouchedBy(Resource change)
    {
        var ingresses = Enumerable.Range(0, Count).Select(i => _translator.Translated(Name(i))).ToArray();
        var delta = _translator.Apply([ResourceChange.Upsert(change)], Now);
        return (
            [.. Enumerable.Range(0, Count).Where(i => !ReferenceEquals(ingresses[i], _translator.Translated(Name(i))))],
            [.. delta.Hosts.Select(host => host.Host).Concat(delta.RemovedHosts).Order(StringComparer.Ordinal)],
            delta.Endpoints.Count);
    }

    [Fact]
    public void A_change_among_ten_thousand_ingresses_costs_only_what_it_touches()
    {
        ApplyAll();
        Assert.Equal(Count, _translator.Counts.Hosts);

        var moved = TouchedBy(Ingress(77, Host(77), "new.com"));
        Assert.Equal([77], moved.Ingresses);
        Assert.Equal(["new.com"], moved.Hosts);
        Assert.Equal(0, moved.Endpoints);

        var service = TouchedBy(Service(5, "kubernetes.io/h2c"));
        Assert.Equal([5], service.Ingresses);
        Assert.Equal([Host(5)], service.Hosts);

        var slice = TouchedBy(Slice(6, "10.0.0.2"));
        Assert.Empty(slice.Ingresses);
        Assert.Empty(slice.Hosts);
        Assert.Equal(1, slice.Endpoints);

        var nothing = TouchedBy(Slice(6, "10.0.0.2"));
        Assert.Empty(nothing.Ingresses);
        Assert.Equal(0, nothing.Endpoints);
    }
}
