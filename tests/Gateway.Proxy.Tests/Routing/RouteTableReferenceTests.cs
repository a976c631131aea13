using Gateway.Configuration.Model;
using Gateway.Proxy.Routing;
using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Tests.Routing;

public sealed class RouteTableReferenceTests
{
    private static readonly string[] FewHosts =
        ["a.com", "b.com", "x.a.com", "y.a.com", "x.y.a.com", "*.a.com", "*.b.com", "*.y.a.com", "*.com", ""];

    [Fact]
    public void Ten_hosts_of_random_rules_match_as_a_scan_of_all_rules_does() => Randomly.Repeat(10_000, random =>
    {
        // What was served before must leave no trace.
        var table = RouteTables.Of([.. FewHosts.Select(random.Host)]);
        List<HostRoutes> served = [];
        foreach (var name in FewHosts)
        {
            if (random.Next(4) == 0)
            {
                table.Remove(name);
                continue;
            }
            served.Add(random.Host(name));
            table.Publish(served[^1]);
        }
        for (var i = 0; i < 20; i++)
            AssertSame(table, served, random.Request(random.Pick(FewHosts)));
    });

    [Fact]
    public void Ten_thousand_hosts_of_random_rules_match_as_a_scan_of_all_rules_does() => Randomly.Repeat(1, random =>
    {
        var names = Enumerable.Range(0, 10_000).Select(i => (i % 10 == 0 ? "*" : $"h{i % 100}") + $".d{i / 20}.com").Distinct().ToArray();
        var served = names.Select(random.Host).ToList();
        var table = RouteTables.Of([.. served]);
        for (var i = 0; i < 2_000; i++)
            AssertSame(table, served, random.Request(random.Pick(names)));
    });

    private static void AssertSame(RouteTable table, List<HostRoutes> served, NaiveRequest request) =>
        Assert.Equal((request, NaiveMatcher.Match(served, request)), (request, Match(table, request)));

    /// <summary>Matches as a listener does: host and path as sent, and the query encoded.</summary>
    private static string Match(RouteTable table, NaiveRequest request)
    {
        if (!PathNormalizer.TryNormalize(request.Path, new char[request.Path.Length], out var path))
            return "BadPath";
        Assert.True(HostName.TryParse(request.Authority, out var host));
        var headers = new HeaderDictionary();
        if (request.HeaderValue is not null)
            headers["X-V"] = request.HeaderValue;
        var result = table.Listener(ListenerNames.Https).Match(host, new RequestView
        {
            Method = request.Method,
            Path = path,
            Query = "w=0&v=" + Uri.EscapeDataString(request.QueryValue),
            Headers = headers,
        });
        return result.NameOrReason();
    }
}
