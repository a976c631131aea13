using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Tests.Resources;

public sealed class ResourceStoreTests
{
    private static readonly ObjectName Web = new("shop", "web");
    private static readonly EndpointSliceResource Slice = new(new ObjectName("shop", "web-1")) { Service = "web", Endpoints = [new SliceEndpoint(["10.0.0.1"])] };

    private static readonly IngressResource Ingress = new(Web)
    {
        Rules = [new IngressRule("a.Foo.com", [new IngressPath("/", IngressPathType.Prefix, new IngressBackend("web", new PortReference(80, null)))])],
        Tls = [new IngressTls([], "tls")],
    };

    private readonly ResourceStore _store = new();

    private IReadOnlyList<AppliedChange> Apply(params ResourceChange[] changes) => _store.Apply(changes);

    [Fact]
    public void Only_what_really_changes_is_reported()
    {
        Assert.Equal(new AppliedChange(Slice.Key, null, Slice), Assert.Single(Apply(ResourceChange.Upsert(Slice))));
        Assert.Empty(Apply(ResourceChange.Upsert(Slice with { Endpoints = [new SliceEndpoint(["10.0.0.1"])] })));

        var changed = Slice with { Endpoints = [] };
        Assert.Equal(new AppliedChange(Slice.Key, Slice, changed), Assert.Single(Apply(ResourceChange.Upsert(changed))));
        Assert.Equal(new AppliedChange(Slice.Key, changed, null), Assert.Single(Apply(ResourceChange.Delete(Slice.Key))));
        Assert.Empty(Apply(ResourceChange.Delete(Slice.Key)));
    }

    [Fact]
    public void A_move_within_a_file_is_reported()
    {
        Apply(ResourceChange.Upsert(Slice, new Origin("a.yaml", 1)));
        Assert.Single(Apply(ResourceChange.Upsert(Slice, new Origin("a.yaml", 2))));
        Assert.Equal(2, _store.OriginOf(Slice.Key)!.Line);
    }

    [Fact]
    public void Ingresses_are_found_by_what_they_name_for_as_long_as_they_do()
    {
        Apply(ResourceChange.Upsert(Ingress));
        Assert.Equal([Web], _store.IngressesOfHost("a.foo.com"));
        Assert.Equal(["a.foo.com"], _store.HostsBelow("*.foo.com"));
        Assert.Equal([Web], _store.IngressesOfService(Web));
        Assert.Equal([Web], _store.IngressesOfSecret(new ObjectName("shop", "tls")));

        Apply(ResourceChange.Upsert(new IngressResource(Web)));
        Assert.Empty(_store.IngressesOfHost("a.foo.com"));
        Assert.Empty(_store.HostsBelow("*.foo.com"));
        Assert.Empty(_store.IngressesOfService(Web));
        Assert.Empty(_store.IngressesOfSecret(new ObjectName("shop", "tls")));
        Assert.Empty(_store.Hosts);
    }

    [Fact]
    public void Ingresses_of_one_host_are_all_found_until_each_is_gone()
    {
        IngressResource[] ingresses = [.. "abc".Select(letter => Ingress with { Name = new ObjectName("shop", $"{letter}") })];
        foreach (var ingress in ingresses)
        {
            Apply(ResourceChange.Upsert(ingress));
            Apply(ResourceChange.Upsert(ingress with { Tls = [] }));
        }
        Assert.Equal(ingresses.Select(ingress => ingress.Name), _store.IngressesOfHost("a.foo.com").OrderBy(name => name.Name));
        Assert.Equal(["a.foo.com"], _store.HostsBelow("*.foo.com"));

        Apply(ResourceChange.Delete(ingresses[0].Key));
        Apply(ResourceChange.Delete(ingresses[2].Key));
        Assert.Equal([ingresses[1].Name], _store.IngressesOfHost("a.foo.com"));
        Assert.Equal(["a.foo.com"], _store.HostsBelow("*.foo.com"));

        Apply(ResourceChange.Delete(ingresses[1].Key));
        Assert.Empty(_store.IngressesOfHost("a.foo.com"));
        Assert.Empty(_store.HostsBelow("*.foo.com"));
        Assert.Empty(_store.Hosts);
    }

    [Fact]
    public void Slices_are_found_by_their_service()
    {
        Apply(ResourceChange.Upsert(Slice));
        Assert.Equal([Slice], _store.SlicesOf(Web));

        Apply(ResourceChange.Upsert(Slice with { Service = "other" }));
        Assert.Empty(_store.SlicesOf(Web));
        Assert.Single(_store.SlicesOf(new ObjectName("shop", "other")));
    }
}
