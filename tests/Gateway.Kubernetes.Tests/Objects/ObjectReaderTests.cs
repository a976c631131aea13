using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Objects;

namespace Gateway.Kubernetes.Tests.Objects;

public sealed class ObjectReaderTests
{
    private readonly ObjectReader _reader = new();

    [Theory]
    [InlineData(ResourceKind.Ingress)]
    [InlineData(ResourceKind.IngressClass)]
    [InlineData(ResourceKind.Service)]
    [InlineData(ResourceKind.EndpointSlice)]
    [InlineData(ResourceKind.Secret)]
    [InlineData(ResourceKind.ConfigMap)]
    public void An_object_with_nothing_but_a_name_is_read(ResourceKind kind)
    {
        foreach (var json in (string[])
        [
            """{"metadata":{"name":"a","namespace":"b"}}""",
            """{"metadata":{"name":"a","namespace":"b","annotations":{},"labels":{}},"spec":{},"data":null,"endpoints":null,"ports":null}""",
            """{"metadata":{"name":"a","namespace":"b","creationTimestamp":null,"annotations":null,"labels":null},"spec":{"rules":null,"tls":null,"ports":null},"data":{}}""",
        ])
        {
            Assert.Equal(new ResourceKey(kind, new ObjectName("b", "a")), Read(kind, json).Key);
        }
    }

    [Fact]
    public void Entries_that_are_null_are_passed_over()
    {
        var ingress = (IngressResource)Read(ResourceKind.Ingress, """
            {"metadata":{"name":"a"},"spec":{"rules":[null,{"host":"a.example","http":{"paths":[null,{"path":"/"}]}}],"tls":[null,{"hosts":[null,"","b.example"],"secretName":""}]}}
            """);
        var slice = (EndpointSliceResource)Read(ResourceKind.EndpointSlice, """
            {"metadata":{"name":"a"},"addressType":"IPv4","ports":[null,{}],"endpoints":[null,{},{"addresses":[]},{"addresses":[null,"10.0.0.1"]}]}
            """);

        Assert.Equal(new IngressPath("/", IngressPathType.ImplementationSpecific, new IngressBackend(null, default)), ingress.Rules.Single().Paths.Single());
        Assert.Equal(new IngressTls(["b.example"], null), ingress.Tls.Single());
        Assert.Equal((new EndpointPort(null, null), "10.0.0.1"), (slice.Ports.Single(), slice.Endpoints.Single().Addresses.Single()));
    }

    [Theory]
    [InlineData(ResourceKind.Ingress, """{"metadata":{"name":"a"},"spec":{"rules":7}}""", "$.spec.rules")]
    [InlineData(ResourceKind.Ingress, """{"metadata":{"name":"a","annotations":{"nginx.ingress.kubernetes.io/rewrite-target":7}}}""", "$.metadata.annotations")]
    [InlineData(ResourceKind.Ingress, """{"metadata":{"name":7}}""", "$.metadata.name")]
    [InlineData(ResourceKind.Service, """{"metadata":{"name":"a"},"spec":{"ports":[{"port":"x"}]}}""", "$.spec.ports[0].port")]
    [InlineData(ResourceKind.Service, """{"metadata":{"name":"a"},"spec":{"ports":[{"targetPort":[]}]}}""", "$.spec.ports[0].targetPort")]
    [InlineData(ResourceKind.Service, """{"metadata":{"name":"a"},"spec":{"ports":[{"targetPort":99999999999}]}}""", "$.spec.ports[0].targetPort")]
    [InlineData(ResourceKind.Secret, """{"metadata":{"name":"a"},"data":{"tls.key":"no base64!"}}""", "$.data")]
    [InlineData(ResourceKind.Secret, """{"metadata":{"name":"a"},"data":{"tls.key":["AA=="]}}""", "$.data")]
    [InlineData(ResourceKind.Secret, """{"metadata":{"name":"a"},"data":[]}""", "$.data")]
    [InlineData(ResourceKind.ConfigMap, """{"metadata":{"name":"a"},"data":{"a":{}}}""", "$.data.a")]
    [InlineData(ResourceKind.Ingress, """{"spec":{}}""", null)]
    [InlineData(ResourceKind.Ingress, """{"metadata":{"namespace":"a"}}""", null)]
    [InlineData(ResourceKind.Ingress, "null", null)]
    [InlineData(ResourceKind.Ingress, "[]", "$")]
    public void What_is_not_of_the_APIs_type_is_refused_with_its_place_and_without_its_value(ResourceKind kind, string json, string? path)
    {
        var refused = Assert.ThrowsAny<JsonException>(() => Read(kind, json));

        Assert.Equal(path, refused.Path);
        Assert.DoesNotContain("no base64!", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_comes_again_is_the_same_string()
    {
        const string Json = """{"metadata":{"name":"a","labels":{"kubernetes.io/service-name":"web"}},"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"],"zone":"Z\u00fcrich"}]}""";
        var (first, second) = ((EndpointSliceResource)Read(ResourceKind.EndpointSlice, Json), (EndpointSliceResource)Read(ResourceKind.EndpointSlice, Json));

        Assert.Equal(first, second);
        Assert.Equal("Zürich", first.Endpoints[0].Zone);
        Assert.Same(first.Service, second.Service);
        Assert.Same(first.Endpoints[0].Addresses[0], second.Endpoints[0].Addresses[0]);
    }

    [Fact]
    public void What_is_not_used_costs_nothing()
    {
        const string Used = """{"metadata":{"name":"a","namespace":"b"MORE},"spec":{"rules":[{"host":"a.example","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]}}""";
        var large = Used
            .Replace("MORE", ""","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"UNUSED"},"managedFields":[{"manager":"m","fieldsV1":{"f:spec":"UNUSED"}}]""", StringComparison.Ordinal)
            .Replace("UNUSED", new string('x', 100_000), StringComparison.Ordinal);
        var small = Used.Replace("MORE", "", StringComparison.Ordinal);

        Assert.InRange(AllocatedBy(large), 0, AllocatedBy(small) + 500);
        Assert.InRange(AllocatedBy(small), 0, 6_000);
    }

    private long AllocatedBy(string json)
    {
        var bytes = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json));
        for (var i = 0; i < 50; i++)
            _reader.ReadResource(ResourceKind.Ingress, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            _reader.ReadResource(ResourceKind.Ingress, bytes);
        var cost = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
        TestContext.Current.TestOutputHelper!.WriteLine($"{bytes.Length} bytes of JSON: {cost} bytes allocated");
        return cost;
    }

    private Resource Read(ResourceKind kind, string json) => _reader.ReadResource(kind, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json))).Value;
}
