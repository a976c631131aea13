using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Tests.Certificates;

namespace Gateway.Configuration.Tests.Ingress;

/// <summary>An Ingress judged before it is stored, against what is there.</summary>
public sealed class JudgementTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DiagnosticLog _log = new();
    private readonly ConfigurationTranslator _translator;

    public JudgementTests()
    {
        _translator = new ConfigurationTranslator(new TranslationOptions(), _log);
        _translator.Apply(
        [
            ResourceChange.Upsert(new IngressClassResource(new ObjectName("", "nginx"), "k8s.io/ingress-nginx", IsDefault: false)),
            ResourceChange.Upsert(new IngressClassResource(new ObjectName("", "other"), "example.com/other", IsDefault: false)),
            ResourceChange.Upsert(new ServiceResource(new ObjectName("shop", "web")) { Ports = [new ServicePort(null, 80, default)] }),
            ResourceChange.Upsert(Ingress("old") with { CreatedAt = Now.AddDays(-1) }),
        ], Now);
    }

    private static IngressResource Ingress(string name, string path = "/", string service = "web", string host = "shop.test") => new(new ObjectName("shop", name))
    {
        ClassName = "nginx",
        Rules = [new IngressRule(host, [new IngressPath(path, IngressPathType.Prefix, new IngressBackend(service, new PortReference(80, null)))])],
    };

    [Fact]
    public void One_without_fault_is_let_pass()
    {
        var judgement = _translator.Judge(Ingress("new", "/api"), Now);
        Assert.Empty(judgement.Refusals);
        Assert.Empty(judgement.Warnings);
    }

    [Fact]
    public void A_path_that_an_older_one_has_is_refused()
    {
        var refusal = Assert.Single(_translator.Judge(Ingress("new"), Now).Refusals);
        Assert.Contains("belongs to Ingress shop/old, which is older", refusal.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_version_is_judged_in_the_place_of_the_old_one_and_keeps_its_age()
    {
        Assert.Empty(_translator.Judge(Ingress("old"), Now).Refusals);
        _translator.Apply([ResourceChange.Upsert(Ingress("young", "/api") with { CreatedAt = Now.AddHours(-1) })], Now);
        Assert.Empty(_translator.Judge(Ingress("old", "/api"), Now).Refusals);
        Assert.NotEmpty(_translator.Judge(Ingress("young"), Now).Refusals);
    }

    [Theory]
    [InlineData("no-slash", "web")]
    [InlineData("/ok", null)]
    public void What_only_its_author_can_cure_is_refused(string path, string? service)
    {
        var ingress = Ingress("new", path);
        if (service is null)
            ingress = ingress with { Annotations = Annotations.From([new(Annotations.NginxPrefix + "auth-url", "http://auth.test/")]) };
        Assert.Equal(DiagnosticSeverity.Error, Assert.Single(_translator.Judge(ingress, Now).Refusals).Severity);
    }

    [Fact]
    public void A_missing_service_or_secret_is_a_warning_since_it_may_come_a_moment_later()
    {
        var ingress = Ingress("new", "/api", "later") with { Tls = [new IngressTls(["shop.test"], "later")] };
        var judgement = _translator.Judge(ingress, Now);
        Assert.Empty(judgement.Refusals);
        Assert.Equal(2, judgement.Warnings.Count);
    }

    [Fact]
    public void A_host_that_no_certificate_covers_is_a_warning_of_the_Ingress_that_decides()
    {
        _translator.Apply([ResourceChange.Upsert(TestCertificates.Secret(new ObjectName("shop", "tls"), "other.test"))], Now);
        var ingress = Ingress("new", "/api") with { Tls = [new IngressTls([], "tls")] };
        var judgement = _translator.Judge(ingress, Now);
        Assert.Empty(judgement.Refusals);
        Assert.Equal("spec.rules[0].host", Assert.Single(judgement.Warnings).Field);

        _translator.Apply([ResourceChange.Upsert(Ingress("old") with { CreatedAt = Now.AddDays(-1), Tls = ingress.Tls })], Now);
        Assert.Empty(_translator.Judge(ingress, Now).Warnings);
        Assert.Empty(_translator.Judge(Ingress("new", host: "") with { Tls = ingress.Tls }, Now).Warnings);
    }

    [Fact]
    public void An_ingress_of_another_controller_is_not_judged() =>
        Assert.Empty(_translator.Judge(Ingress("new", "no-slash") with { ClassName = "other" }, Now).Refusals);

    [Fact]
    public void Judging_changes_nothing()
    {
        var (hash, known) = (_translator.Hash, _log.Current);
        _translator.Judge(Ingress("new", "/api", "later"), Now);
        _translator.Judge(Ingress("old", "no-slash"), Now);
        var delta = _translator.Apply([], Now);
        Assert.Equal(hash, _translator.Hash);
        Assert.Empty(delta.Hosts);
        Assert.Equal(known, _log.Current);
    }
}
