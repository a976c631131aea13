using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Tests.Certificates;

namespace Gateway.Configuration.Tests.Ingress;

/// <summary>The hash by which replicas are compared.</summary>
public sealed class ConfigurationHashTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SecretResource Certificate = TestCertificates.Secret(new ObjectName("shop", "tls"), "a.test");

    private static readonly Resource[] Objects =
    [
        new ServiceResource(new ObjectName("shop", "web")) { Ports = [new ServicePort(null, 80, default)] },
        Slice("10.0.0.1"),
        Certificate,
        new ConfigMapResource(new ObjectName("shop", "settings"), [new("proxy-body-size", "2m")]),
        Ingress("a", "a.test"),
        Ingress("b", "b.test"),
        Ingress("c", "a.test", "/c"),
    ];

    private static IngressResource Ingress(string name, string host, string path = "/") => new(new ObjectName("shop", name))
    {
        Rules = [new IngressRule(host, [new IngressPath(path, IngressPathType.Prefix, new IngressBackend("web", new PortReference(80, null)))])],
        Tls = [new IngressTls(["a.test"], Certificate.Name.Name)],
    };

    private static EndpointSliceResource Slice(string address) => new(new ObjectName("shop", "web-1"))
    {
        Service = "web",
        Ports = [new EndpointPort(null, 80)],
        Endpoints = [new SliceEndpoint([address])],
    };

    private static ConfigurationTranslator Translator(IEnumerable<Resource> objects)
    {
        var translator = new ConfigurationTranslator(
            new TranslationOptions { ManifestMode = true, ConfigMap = new ObjectName("shop", "settings") }, new DiagnosticLog());
        foreach (var resource in objects)
            translator.Apply([ResourceChange.Upsert(resource)], Now);
        return translator;
    }

    [Fact]
    public void Replicas_agree_in_whatever_order_they_learnt_and_whatever_was_between()
    {
        var one = Translator(Objects);
        var other = Translator(Objects.Reverse());
        other.Apply([ResourceChange.Upsert(Ingress("b", "elsewhere.test")), ResourceChange.Upsert(Slice("10.0.0.9"))], Now);
        Assert.NotEqual(one.Hash.Routes, other.Hash.Routes);
        Assert.NotEqual(one.Hash.Endpoints, other.Hash.Endpoints);
        other.Apply([ResourceChange.Upsert(Ingress("b", "b.test")), ResourceChange.Upsert(Slice("10.0.0.1"))], Now);

        Assert.Equal((one.Hash.Routes, one.Hash.Endpoints), (other.Hash.Routes, other.Hash.Endpoints));
    }

    public static TheoryData<string> Changes => ["path", "annotation", "certificate", "setting", "gone"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void Every_change_of_what_is_served_changes_the_hash_and_counts(string change)
    {
        var translator = Translator(Objects);
        var before = translator.Hash;
        translator.Apply([change switch
        {
            "path" => ResourceChange.Upsert(Ingress("b", "b.test", "/other")),
            "annotation" => ResourceChange.Upsert(Ingress("b", "b.test") with { Annotations = Annotations.From([new(Annotations.NginxPrefix + "proxy-body-size", "9m")]) }),
            "certificate" => ResourceChange.Upsert(TestCertificates.Secret(Certificate.Name, "a.test,renewed.test")),
            "setting" => ResourceChange.Upsert(new ConfigMapResource(new ObjectName("shop", "settings"), [new("hsts", "false")])),
            _ => ResourceChange.Delete(Ingress("b", "b.test").Key),
        }], Now);

        Assert.NotEqual(before.Routes, translator.Hash.Routes);
        Assert.Equal(before.Generation + 1, translator.Hash.Generation);
        Assert.Equal(before.Endpoints, translator.Hash.Endpoints);
    }

    [Fact]
    public void Endpoints_are_hashed_apart()
    {
        var translator = Translator(Objects);
        var before = translator.Hash;
        translator.Apply([ResourceChange.Upsert(Slice("10.0.0.2"))], Now);
        Assert.Equal((before.Generation, before.Routes), (translator.Hash.Generation, translator.Hash.Routes));
        Assert.NotEqual(before.Endpoints, translator.Hash.Endpoints);
    }
}
