using System.Diagnostics;
using System.Text;
using Gateway.Configuration.Manifests;

namespace Gateway.Configuration.Tests.Manifests;

public sealed class MutationTests
{
    private const int Seed = 20260301;

    private static readonly string[] Corpus =
    [
        """
        # A web shop
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: web
          annotations: &notes { nginx.ingress.kubernetes.io/ssl-redirect: "false", "a/b": 'it''s' }
        spec:
          tls: [{ hosts: [a.example], secretName: cert }]
          rules:
            - host: "*.example"
              http:
                paths:
                  - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: c, annotations: *notes }
        data:
          <<: *notes
          script: |-
            two
              lines
          folded: >
            one
            line
        """,
        """
        %YAML 1.2
        ---
        kind: List
        apiVersion: v1
        items:
        - apiVersion: discovery.k8s.io/v1
          kind: EndpointSlice
          metadata: { name: web-1, labels: { kubernetes.io/service-name: web } }
          addressType: IPv6
          ports: [ { name: http, port: 0x1F90 } ]
          endpoints:
          - addresses: ["fd00::1"]
            conditions: { ready: ~, serving: yes }
        - ? kind
          : !!str Secret
          apiVersion: v1
          metadata: { name: !<tag:yaml.org,2002:str> s }
          data: { a: "aGVs\x62bG8=", b: "" }
        ...
        """,
        """
        {
        	"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "creationTimestamp": null},
        	"spec": {"ports": [{"port": 80, "targetPort": "http", "name": "\u0068ttp"}, {"name": "b", "port": 8.1e1}], "externalIPs": ["127.0.0.1"]}
        }
        {"kind": "List", "apiVersion": "v1", "items": [[], {}, true]}
        """,
    ];

    [Fact]
    public void No_mutation_of_a_manifest_makes_the_reader_throw_or_hang()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 6000; round++)
        {
            var octets = Encoding.UTF8.GetBytes(Corpus[round % Corpus.Length]).ToList();
            for (var edits = random.Next(1, 6); edits > 0; edits--)
                Mutate(octets, random);
            var text = Encoding.UTF8.GetString(octets.ToArray());
            var clock = Stopwatch.StartNew();
            try
            {
                _ = ManifestReader.Read(round % 2 == 0 ? "a.yaml" : "a.json", text);
                _ = ManifestReader.Read("a.yaml", text);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {Seed}, round {round}: {e}\n{text}");
            }
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"seed {Seed}, round {round}: {clock.Elapsed}\n{text}");
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("a: &a ")]
    [InlineData("'")]
    [InlineData("\"a\" ")]
    [InlineData("!")]
    [InlineData("---\n")]
    [InlineData("a:\n")]
    [InlineData("- a\n")]
    [InlineData("# x\n")]
    [InlineData("|\n ")]
    [InlineData(" ")]
    [InlineData("\t")]
    [InlineData("%x\n")]
    [InlineData("x ")]
    [InlineData("[a, ")]
    [InlineData("{}\n")]
    public void No_repetition_makes_the_reader_slow(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, (1 << 20) / part.Length));
        var clock = Stopwatch.StartNew();
        _ = ManifestReader.Read("a.yaml", text);
        _ = ManifestReader.Read("a.yaml", "a: " + text);
        _ = ManifestReader.Read("a.json", text);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), clock.Elapsed.ToString());
    }

    private static void Mutate(List<byte> octets, Random random)
    {
        if (octets.Count == 0)
            return;
        const string Interesting = "{}[]:,-&*!|>'\"%@`#?~<=\t\n\r \\/0y\0\u00e9";
        var at = random.Next(octets.Count);
        switch (random.Next(6))
        {
            case 0:
                octets.RemoveRange(at, octets.Count - at);
                break;
            case 1:
                var other = random.Next(octets.Count);
                (octets[at], octets[other]) = (octets[other], octets[at]);
                break;
            case 2:
                octets.RemoveRange(at, Math.Min(random.Next(1, 20), octets.Count - at));
                break;
            case 3:
                octets.Insert(at, (byte)Interesting[random.Next(Interesting.Length)]);
                break;
            case 4:
                octets[at] = (byte)random.Next(256);
                break;
            default:
                octets.InsertRange(random.Next(octets.Count), octets.GetRange(at, Math.Min(random.Next(1, 60), octets.Count - at)));
                break;
        }
    }
}
