using BenchmarkDotNet.Attributes;
using Gateway.Configuration.Model;
using Gateway.Proxy.Routing;

namespace Gateway.Benchmarks.Routing;

/// <summary>What publishing one changed host costs, by the number of those that do not change.</summary>
[MemoryDiagnoser]
public class RouteTablePublish
{
    private readonly HostRoutes _changed = Sites.Site(Sites.Name(7));
    private RouteTable _table = null!;

    [Params(10, 10_000)]
    public int Hosts { get; set; }

    [GlobalSetup]
    public void Publish() => _table = Sites.Table(Hosts);

    [Benchmark]
    public void OneChangedHost() => _table.Publish(_changed);
}
