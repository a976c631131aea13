using Gateway.Configuration.Model;
using Gateway.Proxy.Routing;
using static Gateway.Proxy.Tests.Routing.RouteTables;

namespace Gateway.Proxy.Tests.Routing;

public sealed class RouteTableScaleTests
{
    private static HostRoutes Site(int number, string version = "") => Host(
        number % 10 == 0 ? $"*.site{number}.com" : $"www.site{number}.com",
        Prefix("/", $"root {number}{version}"), Prefix("/api/v1", $"api {number}{version}"), Exact("/healthz", $"health {number}{version}"));

    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public void A_match_allocates_nothing_whatever_the_number_of_hosts(int hosts)
    {
        var table = Of([.. Enumerable.Range(0, hosts).Select(i => Site(i))]);
        foreach (var (host, path, expected) in ((string, string, string)[])
            [("WWW.site7.com", "/api/v1/orders", "api 7"), ("www.site7.com", "/healthz", "health 7"), ("x.site0.com", "/", "root 0"), ("none.com", "/", "NoHost")])
        {
            Assert.Equal(expected, table.Ask(host, path));
            var listener = table.Listener(ListenerNames.Http);
            Assert.Equal(0, Allocations.Of(() => listener.Match(host, new RequestView { Method = "GET", Path = path })));
        }
    }

    [Fact]
    public void Changing_hosts_leaves_what_was_compiled_for_the_others_untouched() => Randomly.Repeat(20, random =>
    {
        const int hosts = 200;
        var table = Of([.. Enumerable.Range(0, hosts).Select(i => Site(i))]);
        string Name(int number) => number % 10 == 0 ? $"x.site{number}.com" : $"www.site{number}.com";
        var before = Enumerable.Range(0, hosts).Select(i => table.Compiled(Name(i))).ToArray();

        HashSet<int> changed = [];
        for (var i = 0; i < 30; i++)
        {
            var number = random.Next(hosts);
            changed.Add(number);
            if (random.Next(2) == 0)
                table.Remove(Site(number).Host);
            else
                table.Publish(Site(number, " changed"));
            table.Publish(Host($"new{i}.com", Prefix("/")));
        }

        foreach (var number in Enumerable.Range(0, hosts))
        {
            if (changed.Contains(number))
                Assert.NotSame(before[number], table.Compiled(Name(number)));
            else
                Assert.Same(before[number], table.Compiled(Name(number)));
        }
    });

    [Fact]
    public async Task A_reader_never_misses_a_host_that_stays_or_sees_a_mixture_of_its_versions()
    {
        var table = Of([.. Enumerable.Range(0, 100).Select(i => Site(i, " v0"))]);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var rounds = 0;
            for (; !stop.IsCancellationRequested || rounds == 0; rounds++)
            {
                var found = table.Compiled(rounds % 2 == 0 ? "www.site1.com" : "x.site10.com");
                Assert.NotNull(found);
                string Version(string path) => found.Match(new RequestView { Method = "GET", Path = path })!.Route.Id.Split(' ')[^1];
                Assert.Equal(Version("/"), Version("/api/v1"));
                Assert.Equal(Version("/"), Version("/healthz"));
            }
        }, TestContext.Current.CancellationToken)).ToArray();

        for (var version = 1; version < 2_000; version++)
        {
            table.Publish(Site(1, $" v{version}"));
            table.Publish(Site(10, $" v{version}"));
            table.Publish(Site(100 + version));
            table.Remove(Site(99 + version).Host);
        }
        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }
}
