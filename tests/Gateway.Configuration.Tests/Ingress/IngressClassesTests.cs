using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Tests.Ingress;

/// <summary>Of which Ingresses of a cluster nothing need be known.</summary>
public sealed class IngressClassesTests
{
    private static readonly Dictionary<string, IngressClassResource> Classes = new[]
    {
        new IngressClassResource(new ObjectName("", "ours"), "gateway.yarp/ingress-controller", IsDefault: false),
        new IngressClassResource(new ObjectName("", "theirs"), "example.com/other", IsDefault: true),
        new IngressClassResource(new ObjectName("", "named"), "example.com/other", IsDefault: false),
    }.ToDictionary(known => known.Name.Name);

    private static readonly TranslationOptions Options = new() { IngressClass = "named" };

    [Theory]
    [InlineData("ours", null, false)]
    [InlineData("theirs", null, true)]
    [InlineData("named", null, true)]
    [InlineData("unknown", null, false)]
    [InlineData(null, "named", false)]
    [InlineData(null, "unknown", true)]
    [InlineData(null, "ours", true)]
    [InlineData(null, null, true)]
    public void An_Ingress_is_foreign_when_nothing_but_its_own_change_or_that_of_its_class_can_make_it_ours(string? className, string? annotation, bool isForeign) =>
        Assert.Equal(isForeign, IngressClasses.IsForeign(Ingress(className, annotation), Classes, Options));

    [Fact]
    public void Options_that_serve_more_make_less_foreign()
    {
        Assert.False(IngressClasses.IsForeign(Ingress("named", null), Classes, Options with { ServesClassByName = true }));
        Assert.False(IngressClasses.IsForeign(Ingress("theirs", null), Classes, Options with { ControllerClasses = ["example.com/other"] }));
        Assert.False(IngressClasses.IsForeign(Ingress(null, null), Classes, Options with { ServesIngressesWithoutClass = true }));
    }

    private static IngressResource Ingress(string? className, string? annotation) => new(new ObjectName("shop", "web"))
    {
        ClassName = className,
        Annotations = annotation is null ? Annotations.Empty : Annotations.From([new("kubernetes.io/ingress.class", annotation)]),
    };
}
