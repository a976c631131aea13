using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;
using Gateway.Hosting;

namespace Gateway.Tests.Hosting;

public sealed class NewIngressesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly ResourceChange Web = ResourceChange.Upsert(Ingress("web"));
    private static readonly ResourceChange Service = ResourceChange.Upsert(
        new ServiceResource(new ObjectName("shop", "web")) { Ports = [new ServicePort(null, 80, default)] });
    private static readonly ResourceChange Slice = ResourceChange.Upsert(
        new EndpointSliceResource(new ObjectName("shop", "web-1")) { Service = "web", Ports = [new EndpointPort(null, 80)], Endpoints = [new SliceEndpoint(["10.0.0.1"])] });

    private readonly WallClock _time = new();
    private readonly ConfigurationTranslator _translator = new(new TranslationOptions(), new DiagnosticLog());
    private readonly NewIngresses _new;

    public NewIngressesTests()
    {
        _new = new NewIngresses(_translator, Patience, _time);
        Apply(ResourceChange.Upsert(new IngressClassResource(new ObjectName("", "nginx"), "k8s.io/ingress-nginx", IsDefault: false)));
    }

    [Fact]
    public void One_that_comes_before_its_endpoints_waits_for_them()
    {
        Assert.Empty(Apply(Web));
        Assert.Equal(Patience, _new.Remaining);
        Assert.Equal([Service], Apply(Service));

        Assert.Equal([Slice, Web], Apply(Slice));
        Assert.Null(_new.Remaining);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_wall_clock_that_is_set_changes_nothing(int days)
    {
        Apply(Web);
        _time.Error = TimeSpan.FromDays(days);

        Assert.Equal(Patience, _new.Remaining);
        Assert.Empty(Apply());
        _time.Advance(Patience);
        Assert.Equal([Web], Apply());
    }

    [Fact]
    public void Endpoints_may_come_before_their_service()
    {
        Apply(Slice);
        Assert.Empty(Apply(Web));
        Assert.Equal([Service, Web], Apply(Service));
    }

    [Fact]
    public void One_that_comes_with_or_after_its_endpoints_does_not_wait()
    {
        Assert.Equal([Slice, Service, Web], Apply(Web, Slice, Service));
        var other = ResourceChange.Upsert(Ingress("other"));
        Assert.Equal([other], Apply(other));
    }

    [Fact]
    public void Endpoints_that_do_not_come_are_not_waited_for_long()
    {
        Assert.Empty(Apply(Web));
        _time.Advance(Patience / 2);
        var edited = ResourceChange.Upsert(Ingress("web") with { CreatedAt = DateTimeOffset.UnixEpoch });
        Assert.Empty(Apply(edited));
        _time.Advance(Patience / 2);
        Assert.Equal(TimeSpan.Zero, _new.Remaining);
        Assert.Equal([edited], Apply());
    }

    [Fact]
    public void One_that_is_served_already_is_not_held_back_nor_is_a_deletion()
    {
        Apply(Web);
        _time.Advance(Patience);
        Apply();
        var edited = ResourceChange.Upsert(Ingress("web", "elsewhere"));
        Assert.Equal([edited], Apply(edited));

        Assert.Empty(Apply(ResourceChange.Upsert(Ingress("brief"))));
        var deleted = ResourceChange.Delete(Ingress("brief").Key);
        Assert.Equal([deleted], Apply(deleted));
        Assert.Null(_new.Remaining);
    }

    [Fact]
    public void What_never_has_endpoints_is_not_waited_for()
    {
        var external = ResourceChange.Upsert(new ServiceResource(new ObjectName("shop", "outside")) { ExternalName = "example.com" });
        Apply(external);
        var ingress = ResourceChange.Upsert(Ingress("web", "outside"));
        Assert.Equal([ingress], Apply(ingress));
        var foreign = ResourceChange.Upsert(Ingress("foreign") with { ClassName = "other" });
        Assert.Equal([foreign], Apply(foreign));
    }

    /// <summary>What passes; it is applied, as the loop does.</summary>
    private IReadOnlyList<ResourceChange> Apply(params ResourceChange[] changes)
    {
        var passed = _new.Pass(changes);
        _translator.Apply(passed, _time.GetUtcNow());
        return passed;
    }

    private static IngressResource Ingress(string name, string service = "web") => new(new ObjectName("shop", name))
    {
        ClassName = "nginx",
        Rules = [new IngressRule($"{name}.test", [new IngressPath("/", IngressPathType.Prefix, new IngressBackend(service, new PortReference(80, null)))])],
    };
}
