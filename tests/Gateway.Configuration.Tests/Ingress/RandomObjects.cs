using System.Globalization;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Tests.Certificates;

namespace Gateway.Configuration.Tests.Ingress;

/// <summary>Makes objects at random out of few names, so that they meet each other often.</summary>
internal sealed class RandomObjects(Random random)
{
    private const string Nginx = Annotations.NginxPrefix;

    private static readonly string[] Namespaces = ["a", "b"];
    private static readonly string[] Hosts = ["", "x.com", "*.x.com", "a.x.com", "b.x.com", "A.X.com", "y.org", "*.y.org", "a.y.org"];
    private static readonly string[] Paths = ["", "/", "/foo", "/foo/", "/foo/bar", "/.well-known/acme-challenge/t"];
    private static readonly string[] CertificateRecipes = ["x.com", "*.x.com,x.com", "a.y.org", "*.y.org", "x.com", "cn:b.x.com"];

    private static readonly (string Name, string[] Values)[] KnownAnnotations =
    [
        (Nginx + "ssl-redirect", ["true", "false", "maybe"]),
        (Nginx + "force-ssl-redirect", ["true", "false"]),
        (Nginx + "proxy-body-size", ["0", "8m", "huge"]),
        (Nginx + "proxy-read-timeout", ["5", "5s"]),
        (Nginx + "backend-protocol", ["HTTP", "grpc", "AUTO_HTTP"]),
        (Nginx + "canary", ["true", "false"]),
        (Nginx + "auth-url", ["https://auth.example"]),
        (Nginx + "rewrite-target", ["/", "/$1"]),
        (Nginx + "limit-rps", ["5"]),
        (Annotations.IngressClass, ["nginx", "other"]),
    ];

    private static readonly (string Key, string[] Values)[] Settings =
    [
        ("ssl-redirect", ["false"]), ("force-ssl-redirect", ["true"]), ("proxy-body-size", ["2m", "big"]), ("ssl-protocols", ["TLSv1.3"]), ("use-gzip", ["true"]),
    ];

    /// <summary>Some object put in the place of its former version, or taken away.</summary>
    public ResourceChange Change()
    {
        var origin = random.Next(2) == 0 ? new Origin("x.yaml", random.Next(1, 4)) : null;
        var resource = Any();
        return random.Next(5) == 0 ? ResourceChange.Delete(resource.Key) : ResourceChange.Upsert(resource, origin);
    }

    private Resource Any() => random.Next(20) switch
    {
        < 9 => Ingress(),
        < 12 => Service(),
        < 15 => Slice(),
        < 18 => Secret(),
        18 => new IngressClassResource(new ObjectName("", One("nginx", "other", "third")), One("k8s.io/ingress-nginx", "example.com/other"), random.Next(3) == 0),
        _ => new ConfigMapResource(
            new ObjectName("a", One("settings", "something")),
            Settings.Where(_ => random.Next(4) == 0).Select(setting => KeyValuePair.Create(setting.Key, One(setting.Values))).ToEquatableArray()),
    };

    private IngressResource Ingress() => new(Name("i", 5))
    {
        CreatedAt = random.Next(3) == 0 ? null : DateTimeOffset.UnixEpoch.AddDays(random.Next(3)),
        ClassName = random.Next(4) == 0 ? One("nginx", "other", "third") : null,
        DefaultBackend = random.Next(4) == 0 ? Backend() : null,
        Annotations = Annotations.From(KnownAnnotations.Where(_ => random.Next(8) == 0).Select(known => KeyValuePair.Create(known.Name, One(known.Values)))),
        Rules = Many(3, () => new IngressRule(One(Hosts), Many(3, () => new IngressPath(One(Paths), (IngressPathType)random.Next(3), Backend())))),
        Tls = random.Next(2) == 0 ? [] : Many(3, () => new IngressTls(Many(3, () => One(Hosts[1..])), random.Next(4) == 0 ? null : $"t{random.Next(4)}")),
    };

    private IngressBackend Backend() => random.Next(10) == 0
        ? new IngressBackend(null, default, "Bucket/x")
        : new IngressBackend($"s{random.Next(5)}", Port());

    private PortReference Port() => random.Next(2) == 0 ? new PortReference(random.Next(80, 83), null) : new PortReference(0, One("http", "grpc"));

    private ServiceResource Service() => new(Name("s", 4))
    {
        ExternalName = random.Next(5) == 0 ? One("example.com", "localhost", "-bad-") : null,
        ExternalIps = random.Next(3) == 0 ? ["192.0.2.1", "192.0.2.2"] : [],
        Ports = Many(3, () => new ServicePort(
            One("http", "grpc", null), random.Next(80, 83), random.Next(2) == 0 ? default : Port(), One("TCP", "TCP", "UDP"), One(null, "kubernetes.io/h2c", "https"))),
    };

    private EndpointSliceResource Slice() => new(Name("e", 4))
    {
        Service = random.Next(8) == 0 ? null : $"s{random.Next(4)}",
        Ports = Many(3, () => new EndpointPort(One("http", "grpc", null), random.Next(6) == 0 ? null : random.Next(8080, 8083))),
        Endpoints = Many(4, () => new SliceEndpoint(
            [string.Create(CultureInfo.InvariantCulture, $"10.0.0.{random.Next(5)}")], random.Next(3) != 0, random.Next(2) == 0, random.Next(2) == 0, One(null, "pod"))),
    };

    private SecretResource Secret()
    {
        var name = Name("t", 4);
        return random.Next(5) switch
        {
            0 => TestCertificates.Secret(name, "nonsense", "nonsense"),
            1 => new SecretResource(name, "Opaque", []),
            _ => TestCertificates.Secret(name, $"{One(CertificateRecipes)}@{Years()}"),
        };
    }

    private string Years()
    {
        var from = random.Next(2023, 2034);
        return string.Create(CultureInfo.InvariantCulture, $"{from}-{from + random.Next(1, 3)}");
    }

    private ObjectName Name(string prefix, int count) => new(One(Namespaces), $"{prefix}{random.Next(count)}");

    private T One<T>(params T[] items) => items[random.Next(items.Length)];

    private EquatableArray<T> Many<T>(int most, Func<T> make) => Enumerable.Range(0, random.Next(most + 1)).Select(_ => make()).ToEquatableArray();
}
