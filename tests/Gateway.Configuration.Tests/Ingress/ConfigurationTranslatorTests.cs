using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Configuration.Tests.Certificates;

namespace Gateway.Configuration.Tests.Ingress;

public sealed class ConfigurationTranslatorTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ServiceResource Web = new(new ObjectName("shop", "web"))
    {
        Ports = [new ServicePort(null, 80, default)],
        ExternalIps = ["192.0.2.1"],
    };

    private static readonly SecretResource Certificate = TestCertificates.Secret(new ObjectName("shop", "tls"), "a.com,*.foo.com");

    private readonly DiagnosticLog _log = new();

    private static IngressResource Ingress(string name, string host, string service = "web") => new(new ObjectName("shop", name))
    {
        Rules = [new IngressRule(host, [new IngressPath("/", IngressPathType.Prefix, new IngressBackend(service, new PortReference(80, null)))])],
    };

    private static IngressResource WithTls(string name, string host) =>
        Ingress(name, host) with { Tls = [new IngressTls([host], Certificate.Name.Name)] };

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

    [Theory]
    [InlineData("/a?b", "U+003F")]
    [InlineData("/a#b", "U+0023")]
    [InlineData("/a\u0001", "U+0001")]
    [InlineData("/a\u007f", "U+007F")]
    public void A_path_that_no_request_has_is_told_of(string path, string character)
    {
        var rule = new IngressRule("a.com", [new IngressPath(path, IngressPathType.ImplementationSpecific, new IngressBackend("web", new PortReference(80, null)))]);
        NewTranslator().Apply([ResourceChange.Upsert(Ingress("a", "a.com") with { Rules = [rule] }), ResourceChange.Upsert(Web)], Now);

        var diagnostic = Assert.Single(_log.Current);
        Assert.Equal((DiagnosticSeverity.Warning, "spec.rules[0].http.paths[0].path"), (diagnostic.Severity, diagnostic.Field));
        Assert.Contains(character, diagnostic.Problem, StringComparison.Ordinal);
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
    public void Which_Ingresses_are_served_and_by_whose_class_is_told_when_it_changes()
    {
        var translator = NewTranslator();
        IngressClassResource Class(string controller) => new(new ObjectName("", "edge"), controller, IsDefault: true);
        var byName = Ingress("a", "a.com") with { ClassName = "edge" };
        var byAnnotation = Ingress("b", "b.com") with { Annotations = Annotations.From([new(Annotations.IngressClass, "nginx")]) };
        var delta = translator.Apply(
            [
                ResourceChange.Upsert(byName), ResourceChange.Upsert(byAnnotation), ResourceChange.Upsert(Ingress("c", "c.com")),
                ResourceChange.Upsert(Ingress("d", "d.com") with { ClassName = "foreign" }),
                ResourceChange.Upsert(Class("gateway.yarp/ingress-controller")), ResourceChange.Upsert(Web),
            ],
            Now);
        Assert.Equal(
            [new(byName.Name, "edge", "gateway.yarp/ingress-controller"), new(byAnnotation.Name, "nginx", null), new(new ObjectName("shop", "c"), null, null)],
            delta.Ingresses.OrderBy(ingress => ingress.Name.Name));

        delta = translator.Apply([ResourceChange.Upsert(Ingress("a", "other.com") with { ClassName = "edge" })], Now);
        Assert.Empty(delta.Ingresses);

        delta = translator.Apply([ResourceChange.Upsert(Class("k8s.io/ingress-nginx"))], Now);
        Assert.Equal([new(byName.Name, "edge", "k8s.io/ingress-nginx")], delta.Ingresses);

        delta = translator.Apply([ResourceChange.Upsert(Class("somebody.else/controller")), ResourceChange.Delete(byAnnotation.Key)], Now);
        Assert.Empty(delta.Ingresses);
        Assert.Equal(["a", "b", "c"], delta.RemovedIngresses.Select(name => name.Name).Order());
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

    [Fact]
    public void What_is_applied_again_yields_nothing()
    {
        var translator = NewTranslator();
        translator.Apply([ResourceChange.Upsert(WithTls("a", "a.com")), ResourceChange.Upsert(Web), ResourceChange.Upsert(Certificate)], Now);

        var delta = translator.Apply([ResourceChange.Upsert(WithTls("a", "a.com")), ResourceChange.Upsert(Web with { }), ResourceChange.Upsert(Certificate)], Now);
        Assert.Empty(delta.Hosts);
        Assert.Empty(delta.Endpoints);
        Assert.Empty(delta.Certificates);
    }

    [Fact]
    public void A_secret_that_appears_changes_the_certificates_that_wait_for_it_and_no_routes()
    {
        var translator = NewTranslator();
        translator.Apply([ResourceChange.Upsert(WithTls("a", "a.com")), ResourceChange.Upsert(WithTls("b", "b.com") with { Tls = [] }), ResourceChange.Upsert(Web)], Now);
        Assert.Null(translator.Certificates["a.com"].Certificate);
        Assert.Equal(DiagnosticSeverity.Error, Assert.Single(_log.Current).Severity);

        var delta = translator.Apply([ResourceChange.Upsert(Certificate)], Now);
        Assert.Equal(Certificate.Name, Assert.Single(delta.Certificates).Certificate!.Secret);
        Assert.Empty(delta.Hosts);
        Assert.Empty(_log.Current);
    }

    [Fact]
    public void A_secret_that_breaks_leaves_the_routes_and_makes_the_default_certificate_answer()
    {
        var translator = NewTranslator();
        translator.Apply([ResourceChange.Upsert(WithTls("a", "a.com")), ResourceChange.Upsert(Web), ResourceChange.Upsert(Certificate)], Now);

        var delta = translator.Apply([ResourceChange.Upsert(TestCertificates.Secret(Certificate.Name, "broken", "broken"))], Now);
        Assert.Null(Assert.Single(delta.Certificates).Certificate);
        Assert.Empty(delta.Hosts);
        Assert.Equal("spec.tls[0].secretName", Assert.Single(_log.Current).Field);
    }

    [Fact]
    public void A_secret_that_changes_to_a_certificate_without_a_host_tells_of_it_until_it_changes_back()
    {
        var translator = NewTranslator();
        var ingress = Ingress("a", "a.com") with { Tls = [new IngressTls([], Certificate.Name.Name)] };
        translator.Apply([ResourceChange.Upsert(ingress), ResourceChange.Upsert(Web), ResourceChange.Upsert(Certificate)], Now);
        Assert.Empty(_log.Current);

        translator.Apply([ResourceChange.Upsert(TestCertificates.Secret(Certificate.Name, "other.com"))], Now);
        Assert.Null(translator.Certificates["a.com"].Certificate);
        var diagnostic = Assert.Single(_log.Current);
        Assert.Equal((ingress.Key, "spec.rules[0].host", "a.com"), (diagnostic.Subject, diagnostic.Field, diagnostic.Value));

        translator.Apply([ResourceChange.Upsert(Certificate)], Now);
        Assert.Empty(_log.Current);
    }

    [Fact]
    public void A_host_that_the_default_certificate_covers_needs_no_other()
    {
        var byDefault = TestCertificates.Secret(new ObjectName("infra", "default"), "a.com");
        var translator = new ConfigurationTranslator(new TranslationOptions { ManifestMode = true, DefaultSslCertificate = byDefault.Name }, _log);
        var ingress = Ingress("a", "a.com") with { Tls = [new IngressTls(["other.com"], "tls")] };
        var other = TestCertificates.Secret(Certificate.Name, "other.com");
        translator.Apply([ResourceChange.Upsert(ingress), ResourceChange.Upsert(Web), ResourceChange.Upsert(other), ResourceChange.Upsert(byDefault)], Now);
        Assert.Empty(_log.Current);

        translator.Apply([ResourceChange.Upsert(TestCertificates.Secret(byDefault.Name, "b.com"))], Now);
        Assert.Equal("spec.rules[0].host", Assert.Single(_log.Current).Field);

        translator.Apply([ResourceChange.Upsert(byDefault)], Now);
        Assert.Empty(_log.Current);
    }

    [Fact]
    public void A_certificate_that_expires_meanwhile_is_told_without_any_change()
    {
        var translator = NewTranslator();
        translator.Apply([ResourceChange.Upsert(WithTls("a", "a.com")), ResourceChange.Upsert(Web), ResourceChange.Upsert(Certificate)], Now);
        Assert.Empty(_log.Current);

        translator.Apply([], TestCertificates.Until.AddSeconds(-1));
        Assert.Empty(_log.Current);

        var delta = translator.Apply([], TestCertificates.Until);
        Assert.Contains("expired on 2040-01-01", Assert.Single(_log.Current).Problem, StringComparison.Ordinal);
        Assert.Empty(delta.Certificates);
    }

    [Fact]
    public void A_certificate_that_becomes_valid_meanwhile_is_told_of_no_longer()
    {
        var translator = NewTranslator();
        var future = TestCertificates.Secret(Certificate.Name, "a.com@2031-2032");
        translator.Apply([ResourceChange.Upsert(WithTls("a", "a.com")), ResourceChange.Upsert(Web), ResourceChange.Upsert(future)], Now);
        var valid = new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);
        translator.Apply([], valid.AddSeconds(-1));
        Assert.Contains("not valid before 2031-01-01", Assert.Single(_log.Current).Problem, StringComparison.Ordinal);

        translator.Apply([], valid);
        Assert.Empty(_log.Current);

        translator.Apply([], valid.AddYears(1));
        Assert.Contains("expired on 2032-01-01", Assert.Single(_log.Current).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Tls_on_a_wildcard_host_redirects_the_hosts_below_it_and_its_end_redirects_them_no_longer()
    {
        var translator = NewTranslator();
        translator.Apply([ResourceChange.Upsert(Ingress("a", "a.foo.com")), ResourceChange.Upsert(Ingress("b", "b.bar.com")), ResourceChange.Upsert(Web)], Now);

        var wildcard = WithTls("wild", "*.foo.com");
        var delta = translator.Apply([ResourceChange.Upsert(wildcard)], Now);
        Assert.Equal(["*.foo.com", "a.foo.com"], delta.Hosts.Select(host => host.Host).Order(StringComparer.Ordinal));
        Assert.Contains(translator.Hosts["a.foo.com"].Routes[0].Filters, filter => filter is HttpsRedirectFilter);

        delta = translator.Apply([ResourceChange.Delete(wildcard.Key)], Now);
        Assert.Equal(["a.foo.com"], delta.Hosts.Select(host => host.Host));
        Assert.DoesNotContain(translator.Hosts["a.foo.com"].Routes[0].Filters, filter => filter is HttpsRedirectFilter);
    }

    [Fact]
    public void A_problem_whose_object_moves_within_its_file_is_told_once_and_names_the_new_line()
    {
        var translator = NewTranslator();
        var appeared = 0;
        _log.Appeared += _ => appeared++;
        translator.Apply([ResourceChange.Upsert(Ingress("a", "a.com", "missing"), new Origin("a.yaml", 1))], Now);
        translator.Apply([ResourceChange.Upsert(Ingress("a", "a.com", "missing"), new Origin("a.yaml", 7))], Now);

        Assert.Equal(new Origin("a.yaml", 7), Assert.Single(_log.Current).Origin);
        Assert.Equal(1, appeared);
    }

    [Fact]
    public void A_service_that_appears_cures_the_ingress_that_waits_for_it()
    {
        var translator = NewTranslator();
        translator.Apply([ResourceChange.Upsert(Ingress("a", "a.com"))], Now);
        Assert.Empty(Assert.Single(translator.Endpoints).Value.Addresses);
        Assert.Single(_log.Current);

        var delta = translator.Apply([ResourceChange.Upsert(Web)], Now);
        Assert.Single(Assert.Single(delta.Endpoints).Addresses);
        Assert.Empty(delta.Hosts);
        Assert.Empty(_log.Current);
    }

    [Fact]
    public void Settings_reach_every_route_and_go_back_when_the_map_is_gone()
    {
        var map = new ConfigMapResource(new ObjectName("infra", "gateway"), [KeyValuePair.Create("proxy-body-size", "5m")]);
        var translator = new ConfigurationTranslator(new TranslationOptions { ManifestMode = true, ConfigMap = map.Name }, _log);
        translator.Apply([ResourceChange.Upsert(Ingress("a", "a.com")), ResourceChange.Upsert(Web), ResourceChange.Upsert(map)], Now);
        Assert.Contains(new BodySizeFilter(5 << 20), translator.Hosts["a.com"].Routes[0].Filters);

        var delta = translator.Apply([ResourceChange.Delete(map.Key)], Now);
        Assert.Equal(GatewaySettings.Default, delta.Settings);
        Assert.Contains(new BodySizeFilter(1 << 20), Assert.Single(delta.Hosts).Routes[0].Filters);
        Assert.Contains("does not exist", Assert.Single(_log.Current).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_that_one_Ingress_brings_to_light_leaves_the_others_served()
    {
        var log = new DiagnosticLog();
        var translator = new ConfigurationTranslator(
            new TranslationOptions { ManifestMode = true }, log,
            (ingress, services, settings, diagnostics) => ingress.Name.Name == "poison"
                ? throw new InvalidOperationException("no such case")
                : IngressTranslation.Translate(ingress, services, settings, diagnostics));

        translator.Apply(
            [ResourceChange.Upsert(Ingress("poison", "poison.test")), ResourceChange.Upsert(Ingress("good", "good.test"))], DateTimeOffset.UnixEpoch);

        Assert.Equal(["good.test"], translator.Hosts.Keys);
        Assert.Contains(log.Current, diagnostic => diagnostic.Subject?.Name.Name == "poison" && diagnostic.Problem.Contains("no such case", StringComparison.Ordinal));
    }
}
