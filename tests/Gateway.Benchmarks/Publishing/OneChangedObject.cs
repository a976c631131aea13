using System.Globalization;
using BenchmarkDotNet.Attributes;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Proxy;
using Gateway.Proxy.Filters;
using Gateway.Proxy.Tls;

namespace Gateway.Benchmarks.Publishing;

/// <summary>The whole way of one change, from the object to the tables that requests read, beside objects that stay as they are.</summary>
[MemoryDiagnoser]
public class OneChangedObject
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ConfigurationTranslator _translator = new(new TranslationOptions { ManifestMode = true }, new DiagnosticLog());
    private readonly Tables _tables = new(new CertificateTable(GatewaySettings.Default, TimeProvider.System), FilterCompiler.Compile);
    private int _version;

    [Params(10, 10_000)]
    public int Ingresses { get; set; }

    [GlobalSetup]
    public void Fill() => Apply([.. Enumerable.Range(0, Ingresses).SelectMany(i => new Resource[] { Ingress(i, "/"), Service(i), Slice(i, 0) })]);

    /// <summary>An Ingress gets another path.</summary>
    [Benchmark]
    public void Ingress() => Apply([Ingress(7, string.Create(CultureInfo.InvariantCulture, $"/v{_version++}"))]);

    /// <summary>A pod is replaced by another.</summary>
    [Benchmark]
    public void EndpointSlice() => Apply([Slice(7, _version++)]);

    private void Apply(Resource[] resources) =>
        _tables.Apply(_translator.Apply([.. resources.Select(resource => ResourceChange.Upsert(resource))], Now));

    private static ObjectName Name(int i) => new("shop", string.Create(CultureInfo.InvariantCulture, $"web-{i}"));

    private static IngressResource Ingress(int i, string path) => new(Name(i))
    {
        Rules =
        [
            new IngressRule(
                string.Create(CultureInfo.InvariantCulture, $"host-{i}.test"),
                [new IngressPath(path, IngressPathType.Prefix, new IngressBackend(Name(i).Name, new PortReference(80, null)))]),
        ],
    };

    private static ServiceResource Service(int i) => new(Name(i)) { Ports = [new ServicePort("http", 80, default)] };

    private static EndpointSliceResource Slice(int i, int version) => new(Name(i))
    {
        Service = Name(i).Name,
        Ports = [new EndpointPort("http", 8080)],
        Endpoints = [new SliceEndpoint([string.Create(CultureInfo.InvariantCulture, $"10.0.{version / 250 % 250}.{version % 250 + 1}")])],
    };
}
