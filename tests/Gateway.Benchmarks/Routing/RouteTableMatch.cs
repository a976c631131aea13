using BenchmarkDotNet.Attributes;
using Gateway.Configuration.Model;
using Gateway.Proxy.Routing;

namespace Gateway.Benchmarks.Routing;

/// <summary>What matching a request costs, by the number of hosts.</summary>
[MemoryDiagnoser]
public class RouteTableMatch
{
    // Hosts asked for in turn, spread over all: asking for one alone would only measure a warm cache line.
    private readonly string[] _asked = new string[1024];
    private ListenerRoutes _listener = null!;
    private int _turn;

    [Params(10, 1_000, 100_000)]
    public int Hosts { get; set; }

    [GlobalSetup]
    public void Publish()
    {
        var table = Sites.Table(Hosts);
        table.Publish(Sites.Site("*.example.org"));
        _listener = table.Listener(ListenerNames.Http);
        var random = new Random(1);
        for (var i = 0; i < _asked.Length; i++)
            _asked[i] = Sites.Name(random.Next(Hosts));
    }

    [Benchmark]
    public bool Prefix() => Match(NextHost(), "/api/v1/orders/4711");

    [Benchmark]
    public bool Exact() => Match(NextHost(), "/healthz");

    [Benchmark]
    public bool OneHostAgainAndAgain() => Match(_asked[0], "/api/v1/orders/4711");

    [Benchmark]
    public bool WildcardHost() => Match("shop.example.org", "/api/v1/orders/4711");

    [Benchmark]
    public bool UnknownHost() => Match("nowhere.example.net", "/api/v1/orders/4711");

    private string NextHost() => _asked[_turn++ & (_asked.Length - 1)];

    private bool Match(string host, string path) =>
        _listener.Match(host, new RequestView { Method = "GET", Path = path }).Route is not null;
}
