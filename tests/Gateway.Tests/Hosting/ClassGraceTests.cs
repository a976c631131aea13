using Gateway.Configuration.Resources;
using Gateway.Hosting;

namespace Gateway.Tests.Hosting;

public sealed class ClassGraceTests
{
    private static readonly IngressClassResource Class = new(new ObjectName("", "nginx"), "k8s.io/ingress-nginx", IsDefault: false);
    private static readonly ResourceChange Added = ResourceChange.Upsert(Class);
    private static readonly ResourceChange Deleted = ResourceChange.Delete(Class.Key);
    private static readonly ResourceChange Other = ResourceChange.Delete(new ResourceKey(ResourceKind.Ingress, new ObjectName("shop", "web")));

    private readonly WallClock _time = new();
    private readonly ClassGrace _grace;

    public ClassGraceTests() => _grace = new ClassGrace(TimeSpan.FromSeconds(30), _time);

    [Fact]
    public void A_deleted_class_goes_when_its_time_has_come_and_nothing_else_waits_for_it()
    {
        Assert.Equal([Other], _grace.Pass([Deleted, Other]));
        Assert.Equal(TimeSpan.FromSeconds(30), _grace.Remaining);

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(_grace.Pass([]));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, _grace.Remaining);
        Assert.Equal([Deleted], _grace.Pass([]));
        Assert.Null(_grace.Remaining);
    }

    [Fact]
    public void One_that_comes_back_in_time_never_went()
    {
        Assert.Empty(_grace.Pass([Deleted]));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal([Added], _grace.Pass([Added]));
        Assert.Null(_grace.Remaining);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_grace.Pass([]));
    }

    [Fact]
    public void A_second_deletion_starts_no_new_wait()
    {
        _grace.Pass([Deleted]);
        _time.Advance(TimeSpan.FromSeconds(20));
        _grace.Pass([Deleted]);
        Assert.Equal(TimeSpan.FromSeconds(10), _grace.Remaining);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_wall_clock_that_is_set_changes_nothing(int days)
    {
        _grace.Pass([Deleted]);
        _time.Error = TimeSpan.FromDays(days);

        Assert.Equal(TimeSpan.FromSeconds(30), _grace.Remaining);
        Assert.Empty(_grace.Pass([]));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal([Deleted], _grace.Pass([]));
    }

    [Fact]
    public void Without_grace_it_goes_at_once() =>
        Assert.Equal([Deleted], new ClassGrace(TimeSpan.Zero, _time).Pass([Deleted]));
}
