using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Tests.Ingress;

public sealed class ConfigurationTranslatorTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ServiceResource Web = new(new ObjectName("shop", "web"))
    {
        Ports = [new ServicePort(null, 80, default)],
        ExternalIps = ["192.0.2.1"],
    };

    private readonly DiagnosticLog _log = new();

    private static IngressResource Ingress(string name, string host, string service = "web") => new(new ObjectName("shop", name))
    {
        Rules = [new IngressRule(host, [new IngressPath("/", IngressPathType.Prefix, new IngressBackend(service, new PortReference(80, null)))])],
    };

    private ConfigurationTranslator NewTranslator() => new(new TranslationOptions { ManifestMode = true }, _log);

    [Fact]
    public void The_first_batch_yields_all_hosts_and_the_endpoints_that_they_name()
    {
        var translator = NewTranslator();
        var delta = translator.Apply([ResourceChange.Upsert(Ingress("a", "a.com")), ResourceChange.Upsert(Web)], Now);

        Assert.Equal(["a.com"], delta.Hosts.Select(host => host.Host));
        Assert.Equal("192.0.2.1", Assert.Single(Assert.Single(delta.Endpoints).Addresses).Host);
        Assert.Equal(new TranslationCounts(Ingresses: 1, Hosts: 1, Routes: 1, Endpoints: 1), translator.Counts);
        Assert.Empty(_log.Current);
    }

    [Fact]
    public void A_later_batch_yields_only_what_it_changed()
    {
        var translator = NewTranslator();
        translator.Apply([ResourceChange.Upsert(Ingress("a", "a.com")), ResourceChange.Upsert(Ingress("b", "b.com")), ResourceChange.Upsert(Web)], Now);

        var delta = translator.Apply([ResourceChange.Upsert(Ingress("b", "c.com"))], Now);
        Assert.Equal(["c.com"], delta.Hosts.Select(host => host.Host));
        Assert.Equal(["b.com"], delta.RemovedHosts);
        Assert.Empty(delta.Endpoints);
    }

    [Fact]
    public void A_service_that_no_route_names_any_more_is_taken_away()
    {
        var translator = NewTranslator();
        var ingress = Ingress("a", "a.com");
        translator.Apply([ResourceChange.Upsert(ingress), ResourceChange.Upsert(Web)], Now);

        var delta = translator.Apply([ResourceChange.Delete(ingress.Key)], Now);
        Assert.Equal(["a.com"], delta.RemovedHosts);
        Assert.Equal([new ServicePortKey(Web.Name, new PortReference(80, null))], delta.RemovedServices);
        Assert.Empty(translator.Endpoints);
    }
}
