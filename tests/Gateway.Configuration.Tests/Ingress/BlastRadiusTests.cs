using System.Globalization;
using System.Text;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Manifests;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Tests.Certificates;

namespace Gateway.Configuration.Tests.Ingress;

/// <summary>Bad objects beside good ones: whatever their fields say, they hurt nothing but themselves and the hosts that they name.</summary>
public sealed class BlastRadiusTests
{
    private const string Shared = "shared.test";
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Garbage =
    [
        "", " ", "/", "//", "/../", "/%2e%2e/", "*", "*.", ".", "..", "-", "\0", "\r\nX-Injected: 1", "{{", "}", "$1", "\uD800", "ß.test", "true", "-1", "99999999999999999999",
        new('a', 300), new('/', 5000), "tls", "web", "[::1]", "127.0.0.1", "localhost",
    ];

    private static IEnumerable<Resource> Good()
    {
        yield return TestCertificates.Secret(new ObjectName("shop", "tls"), "*.good.test");
        yield return new ServiceResource(new ObjectName("shop", "web")) { Ports = [new ServicePort("http", 80, new PortReference(8080, null))] };
        yield return new EndpointSliceResource(new ObjectName("shop", "web-1"))
        {
            Service = "web",
            Ports = [new EndpointPort("http", 8080)],
            Endpoints = [new SliceEndpoint(["10.0.0.1"]), new SliceEndpoint(["10.0.0.2"])],
        };
        for (var i = 0; i < 20; i++)
        {
            yield return new IngressResource(new ObjectName("shop", string.Create(CultureInfo.InvariantCulture, $"good-{i}")))
            {
                CreatedAt = Now.AddDays(-i),
                Annotations = Annotations.From([new(Annotations.NginxPrefix + "proxy-body-size", $"{i}m")]),
                Rules =
                [
                    new IngressRule(string.Create(CultureInfo.InvariantCulture, $"h{i}.good.test"),
                    [
                        new IngressPath("/", IngressPathType.Prefix, new IngressBackend("web", new PortReference(80, null))),
                        new IngressPath("/a", IngressPathType.Exact, new IngressBackend("web", new PortReference(0, "http"))),
                    ]),
                ],
                Tls = i % 2 == 0 ? [new IngressTls([], "tls")] : [],
            };
        }
    }

    [Fact]
    public void Bad_objects_leave_the_routes_of_all_other_hosts_as_they_are()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var translator = new ConfigurationTranslator(new TranslationOptions { ManifestMode = true }, new DiagnosticLog());
        translator.Apply([.. Good().Select(each => ResourceChange.Upsert(each))], Now);
        var (hosts, endpoints, certificates) = (translator.Hosts.ToArray(), translator.Endpoints.ToArray(), translator.Certificates.ToArray());

        for (var i = 0; i < 2500; i++)
        {
            var bad = Bad(random, i);
            var exception = Record.Exception(() => translator.Apply([ResourceChange.Upsert(bad)], Now));
            Assert.True(exception is null, $"seed {seed}, object {i}: {exception}");
            var hurt = hosts.FirstOrDefault(good => !ReferenceEquals(translator.Hosts.GetValueOrDefault(good.Key), good.Value));
            Assert.True(hurt.Key is null, $"seed {seed}, object {i}: {bad} touched {hurt.Key}");
        }
        Assert.All(endpoints, good => Assert.Same(good.Value, translator.Endpoints[good.Key]));
        Assert.All(certificates, good => Assert.Same(good.Value, translator.Certificates[good.Key]));
        Assert.True(translator.Hosts.Count > hosts.Length);
    }

    [Fact]
    public void Mutated_manifests_leave_the_routes_of_all_other_hosts_as_they_are()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var translator = new ConfigurationTranslator(new TranslationOptions { ManifestMode = true }, new DiagnosticLog());
        translator.Apply([.. Good().Select(each => ResourceChange.Upsert(each))], Now);
        var hosts = translator.Hosts.ToArray();
        var taken = 0;
        for (var i = 0; i < 2000; i++)
        {
            var text = Mutated(random, i);
            var exception = Record.Exception(() =>
            {
                var resources = ManifestReader.Read("bad.yaml", text).Objects.Select(each => each.Resource).OfType<Resource>().Where(IsOwn).ToArray();
                taken += resources.Length;
                translator.Apply([.. resources.Select(each => ResourceChange.Upsert(each))], Now);
            });
            Assert.True(exception is null, $"seed {seed}, manifest {i}: {exception}\n{text}");
            var hurt = hosts.FirstOrDefault(good => !ReferenceEquals(translator.Hosts.GetValueOrDefault(good.Key), good.Value));
            Assert.True(hurt.Key is null, $"seed {seed}, manifest {i} touched {hurt.Key}\n{text}");
        }
        Assert.True(taken > 1000, $"seed {seed}: only {taken} objects were fit to be translated");

        // A class object would rightly change which Ingresses are served.
        static bool IsOwn(Resource resource) => resource.Name.Name.StartsWith("bad", StringComparison.Ordinal) && resource.Kind != ResourceKind.IngressClass;
    }

    /// <summary>A manifest of which a few characters, words or lines are changed, doubled or lost.</summary>
    private static string Mutated(Random random, int number)
    {
        var lines = string.Create(CultureInfo.InvariantCulture, $$"""
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: bad-{{number}}
              namespace: shop
              creationTimestamp: "2020-01-01T00:00:00Z"
              annotations:
                nginx.ingress.kubernetes.io/proxy-body-size: 8m
                nginx.ingress.kubernetes.io/auth-type: basic
            spec:
              defaultBackend: { service: { name: web, port: { number: 80 } } }
              tls:
                - { hosts: [bad-{{number}}.test], secretName: bad-{{number}} }
              rules:
                - host: bad-{{number}}.test
                  http:
                    paths:
                      - { path: /, pathType: Prefix, backend: { service: { name: bad-{{number}}, port: { name: http } } } }
                      - { path: /b, pathType: Exact, backend: { service: { name: web, port: { number: 80 } } } }
                - host: shared.test
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: bad-{{number}}, namespace: shop }
            spec: { ports: [{ name: http, port: 80, targetPort: 8080 }], externalIPs: [192.0.2.1] }
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: bad-{{number}}, namespace: shop, labels: { kubernetes.io/service-name: bad-{{number}} } }
            addressType: IPv4
            ports: [{ name: http, port: 8080 }]
            endpoints: [{ addresses: [10.0.0.1], conditions: { ready: false, serving: true, terminating: true } }]
            ---
            apiVersion: v1
            kind: Secret
            metadata: { name: bad-{{number}}, namespace: shop }
            type: kubernetes.io/tls
            stringData: { tls.crt: "-----BEGIN CERTIFICATE-----", tls.key: "-----BEGIN PRIVATE KEY-----" }
            """).Split('\n').ToList();
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(lines.Count);
            var words = lines[at].Split(' ');
            switch (random.Next(5))
            {
                case 0:
                    lines.RemoveAt(at);
                    break;
                case 1:
                    lines.Insert(random.Next(lines.Count), lines[at]);
                    break;
                case 2:
                    words[^1] = Garbage[random.Next(Garbage.Length)];
                    lines[at] = string.Join(' ', words);
                    break;
                case 3:
                    words[random.Next(words.Length)] = "";
                    lines[at] = string.Join(' ', words);
                    break;
                default:
                    lines[at] = lines[at].Insert(random.Next(lines[at].Length + 1), ((char)random.Next(1, 0x100)).ToString());
                    break;
            }
        }
        return string.Join('\n', lines);
    }

    private static Resource Bad(Random random, int number)
    {
        var name = new ObjectName("shop", string.Create(CultureInfo.InvariantCulture, $"bad-{number % 900}"));
        return random.Next(8) switch
        {
            0 => new ServiceResource(name)
            {
                ExternalName = Maybe(),
                ExternalIps = Some(Any),
                Ports = Some(() => new ServicePort(Maybe(), random.Next(-1, 70_000), Port(), Any(), Maybe())),
            },
            1 => new EndpointSliceResource(name)
            {
                Service = name.Name,
                AddressType = Any(),
                Ports = Some(() => new EndpointPort(Maybe(), random.Next(3) == 0 ? null : random.Next(-1, 70_000), Any())),
                Endpoints = Some(() => new SliceEndpoint(Some(Any), random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0, Maybe(), Maybe())),
            },
            2 => new SecretResource(name, One("Opaque", SecretResource.TlsType, Any()),
                Some(() => new SecretEntry(One("tls.crt", "tls.key", Any()), new SensitiveBytes(Encoding.UTF8.GetBytes(One(Any(), TestCertificates.Pem("*.good.test").Certificate[..random.Next(400)])))))),
            _ => new IngressResource(name)
            {
                CreatedAt = random.Next(2) == 0 ? null : Now.AddDays(-random.Next(5000)),
                ClassName = random.Next(4) == 0 ? Any() : null,
                DefaultBackend = random.Next(3) == 0 ? Backend() : null,
                Annotations = Annotations.From(Some(Annotation).DistinctBy(pair => pair.Key)),
                Rules = Some(() => new IngressRule(Host(), Some(() => new IngressPath(Any(), (IngressPathType)random.Next(3), Backend())))),
                Tls = Some(() => new IngressTls(Some(() => One("h1.good.test", "*.good.test", Any())), Maybe())),
            },
        };

        string Any() => random.Next(3) != 0 ? Garbage[random.Next(Garbage.Length)] : Noise();
        string Noise() => string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => (char)random.Next(0, 0x250)));
        string? Maybe() => random.Next(3) == 0 ? null : Any();
        string Host() => One(Any(), Shared, string.Create(CultureInfo.InvariantCulture, $"bad-{number}.test"), "good.test", "h1.good.test.", "x.h1.good.test");
        PortReference Port() => random.Next(2) == 0 ? new PortReference(random.Next(-1, 70_000), null) : new PortReference(0, Maybe());
        IngressBackend Backend() => new(One("web", name.Name, Maybe()), Port(), Maybe());
        KeyValuePair<string, string> Annotation() => KeyValuePair.Create(
            One(Annotations.NginxPrefix, Annotations.YarpPrefix) + One("ssl-redirect", "proxy-body-size", "proxy-read-timeout", "backend-protocol", "canary", "auth-url", "rewrite-target", "use-regex", Any()), Any());
        T One<T>(params T[] items) => items[random.Next(items.Length)];
        EquatableArray<T> Some<T>(Func<T> make) => Enumerable.Range(0, random.Next(4)).Select(_ => make()).ToEquatableArray();
    }
}
