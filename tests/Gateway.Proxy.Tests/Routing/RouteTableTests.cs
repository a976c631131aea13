using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Routing;
using Microsoft.AspNetCore.Http;
using static Gateway.Proxy.Tests.Routing.RouteTables;

namespace Gateway.Proxy.Tests.Routing;

public sealed class RouteTableTests
{
    [Theory]
    [InlineData("foo.com", "exact")]
    [InlineData("FOO.Com", "exact")]
    [InlineData("a.foo.com", "wildcard")]
    [InlineData("A_b-1.FOO.com", "wildcard")]
    [InlineData("known.foo.com", "known")]
    [InlineData("a.b.foo.com", "any")]
    [InlineData("a~.foo.com", "any")]
    [InlineData("*.foo.com", "any")]
    [InlineData("xfoo.com", "any")]
    [InlineData("com", "any")]
    [InlineData("[::1]", "any")]
    public void An_exact_host_comes_before_a_wildcard_of_one_label_before_every_name(string host, string expected)
    {
        var table = Of(
            Host("foo.com", Prefix("/", "exact")), Host("*.foo.com", Prefix("/", "wildcard")),
            Host("known.foo.com", Prefix("/", "known")), Host(HostRoutes.AnyHost, Prefix("/", "any")));
        Assert.Equal(expected, table.Ask(host, "/"));
    }

    [Fact]
    public void A_known_host_never_falls_to_the_wildcard_or_to_the_host_of_every_name()
    {
        var table = Of(
            Host("a.foo.com", Prefix("/a")), Host("empty.foo.com"), Host("*.foo.com", Prefix("/b")), Host(HostRoutes.AnyHost, Prefix("/c", "any")));
        Assert.Equal("NoPath", table.Ask("a.foo.com", "/b"));
        Assert.Equal("NoPath", table.Ask("a.foo.com", "/c"));
        Assert.Equal("NoPath", table.Ask("empty.foo.com", "/c"));
        Assert.Equal("NoPath", table.Ask("x.foo.com", "/c"));
        Assert.Equal("any", table.Ask("bar.com", "/c"));
        Assert.Equal("NoPath", table.Ask("bar.com", "/d"));
    }

    [Fact]
    public void A_name_that_no_host_takes_is_told_from_a_path_that_no_route_takes()
    {
        var table = Of(Host("foo.com", Prefix("/a")));
        Assert.Equal("NoHost", table.Ask("bar.com", "/a"));
        Assert.Equal("NoPath", table.Ask("foo.com", "/b"));
    }

    [Theory]
    [InlineData("/foo", true)]
    [InlineData("/foo/", true)]
    [InlineData("/foo/bar", true)]
    [InlineData("/foobar", false)]
    [InlineData("/fo", false)]
    [InlineData("/FOO", false)]
    [InlineData("/", false)]
    public void A_prefix_takes_whole_elements_with_or_without_its_slash(string path, bool taken)
    {
        Assert.Equal(taken ? "p" : "NoPath", Of(Host("foo.com", Prefix("/foo", "p"))).Ask("foo.com", path));
        Assert.Equal(taken ? "p" : "NoPath", Of(Host("foo.com", Prefix("/foo/", "p"))).Ask("foo.com", path));
    }

    [Theory]
    [InlineData("/foo", "bare")]
    [InlineData("/foo/", "slash")]
    [InlineData("/foo/x", "slash")]
    [InlineData("/foo/x/y", "slash")]
    public void Of_a_prefix_with_and_without_slash_each_takes_what_it_spells(string path, string expected) =>
        Assert.Equal(expected, Of(Host("foo.com", Prefix("/foo", "bare"), Prefix("/foo/", "slash"))).Ask("foo.com", path));

    [Fact]
    public void A_request_that_a_longer_prefix_leaves_counts_as_below_the_shorter()
    {
        var put = Prefix("/foo/bar", "put") with { Match = new(new(PathMatchKind.Prefix, "/foo/bar")) { Method = "PUT" } };
        var table = Of(Host("foo.com", Prefix("/foo", "bare"), Prefix("/foo/", "slash"), put));
        Assert.Equal("put", table.Ask("foo.com", "/foo/bar", "PUT"));
        Assert.Equal("slash", table.Ask("foo.com", "/foo/bar"));
    }

    [Theory]
    [InlineData("/a/b", "exact")]
    [InlineData("/a/b/", "long")]
    [InlineData("/a/b/c", "long")]
    [InlineData("/a/bc", "short")]
    [InlineData("/a", "short")]
    [InlineData("/", "root")]
    [InlineData("/x", "root")]
    public void An_exact_path_comes_before_the_longest_prefix(string path, string expected)
    {
        var table = Of(Host("foo.com", Prefix("/", "root"), Prefix("/a", "short"), Prefix("/a/b", "long"), Exact("/a/b", "exact")));
        Assert.Equal(expected, table.Ask("foo.com", path));
    }

    [Fact]
    public void An_exact_path_counts_its_slash()
    {
        var table = Of(Host("foo.com", Exact("/a"), Exact("/b/")));
        Assert.Equal("Exact /a", table.Ask("foo.com", "/a"));
        Assert.Equal("NoPath", table.Ask("foo.com", "/a/"));
        Assert.Equal("NoPath", table.Ask("foo.com", "/b"));
        Assert.Equal("Exact /b/", table.Ask("foo.com", "/b/"));
    }

    [Theory]
    [InlineData("//")]
    [InlineData("//a")]
    [InlineData("/a//")]
    public void A_prefix_with_an_empty_element_takes_nothing_and_hurts_nothing(string prefix)
    {
        var table = Of(Host("foo.com", Prefix(prefix, "odd"), Prefix("/", "root"), Prefix("/a", "a")));
        Assert.Equal("root", table.Ask("foo.com", "/"));
        Assert.Equal("a", table.Ask("foo.com", "/a"));
        Assert.Equal("a", table.Ask("foo.com", "/a/"));
    }

    [Fact]
    public void Routes_of_one_path_are_tried_by_precedence_whatever_their_order()
    {
        Route[] routes = [Prefix("/", "young", age: 2), Prefix("/", "old", age: 1), Prefix("/", "middle", age: 1) with { Precedence = new(-1, 0, 1, 1) }];
        foreach (var order in (Route[][])[routes, [.. routes.Reverse()]])
            Assert.Equal("old", Of(new HostRoutes("foo.com") { Routes = [.. order] }).Ask("foo.com", "/"));
    }

    [Fact]
    public void A_route_whose_predicates_fail_leaves_the_request_to_the_next()
    {
        var table = Of(Host(
            "foo.com",
            Exact("/a", "exact") with { Match = new(new(PathMatchKind.Exact, "/a")) { Method = "PUT" } },
            Prefix("/a", "method") with { Match = new(new(PathMatchKind.Prefix, "/a")) { Method = "POST" } },
            Prefix("/", "header") with { Match = new(new(PathMatchKind.Prefix, "/")) { Headers = [new("X-Canary", "yes"), new("X-Zone", "a")] } },
            Prefix("/", "query", age: 1) with { Match = new(new(PathMatchKind.Prefix, "/")) { Query = [new("v", "2")] } },
            Prefix("/", "plain", age: 2)));

        Assert.Equal("exact", table.Ask("foo.com", "/a", "PUT"));
        Assert.Equal("method", table.Ask("foo.com", "/a", "POST"));
        Assert.Equal("plain", table.Ask("foo.com", "/a", "post"));
        Assert.Equal("plain", table.Ask("foo.com", "/a"));
        Assert.Equal("header", table.Ask("foo.com", "/a", headers: new HeaderDictionary { ["x-canary"] = "yes", ["x-zone"] = "a" }));
        Assert.Equal("plain", table.Ask("foo.com", "/a", headers: new HeaderDictionary { ["x-canary"] = "yes" }));
        Assert.Equal("plain", table.Ask("foo.com", "/a", headers: new HeaderDictionary { ["x-canary"] = "YES", ["x-zone"] = "a" }));
        Assert.Equal("query", table.Ask("foo.com", "/a/b", query: "v=2"));
    }

    [Theory]
    [InlineData("a=1&v%C3%A9=x+y", true)]
    [InlineData("v%c3%a9=x%20y&v%C3%A9=z", true)]
    [InlineData("%76%C3%A9=x%20y#", false)]
    [InlineData("v%C3%A9=z&v%C3%A9=x+y", false)]
    [InlineData("v%C3%A9=x", false)]
    [InlineData("v%C3%A9=x+yz", false)]
    [InlineData("v%C3%A9", false)]
    [InlineData("v%C3=x+y", false)]
    [InlineData("", false)]
    public void The_first_query_parameter_of_a_name_counts_decoded(string query, bool taken)
    {
        var route = Prefix("/", "query") with { Match = new(new(PathMatchKind.Prefix, "/")) { Query = [new("vé", "x y")] } };
        Assert.Equal(taken ? "query" : "NoPath", Of(Host("foo.com", route)).Ask("foo.com", "/", query: query));
    }

    [Theory]
    [InlineData("p", "", true)]
    [InlineData("p=", "", true)]
    [InlineData("p=%", "%", true)]
    [InlineData("p=%4", "%4", true)]
    [InlineData("p=%zz", "%zz", true)]
    [InlineData("p=a=b", "a=b", true)]
    [InlineData("q&&p=1", "1", true)]
    public void A_query_value_is_read_as_browsers_write_it(string query, string value, bool taken)
    {
        var route = Prefix("/", "query") with { Match = new(new(PathMatchKind.Prefix, "/")) { Query = [new("p", value)] } };
        Assert.Equal(taken ? "query" : "NoPath", Of(Host("foo.com", route)).Ask("foo.com", "/", query: query));
    }

    [Fact]
    public void A_repeated_header_counts_as_its_values_joined()
    {
        var route = Prefix("/", "header") with { Match = new(new(PathMatchKind.Prefix, "/")) { Headers = [new("x", "a,b")] } };
        var table = Of(Host("foo.com", route));
        Assert.Equal("header", table.Ask("foo.com", "/", headers: new HeaderDictionary { ["X"] = new(["a", "b"]) }));
        Assert.Equal("NoPath", table.Ask("foo.com", "/", headers: new HeaderDictionary { ["X"] = new(["a"]) }));
    }

    [Fact]
    public void A_host_is_served_on_its_listeners_only_and_moves_with_them()
    {
        var table = Of(Host("foo.com", Prefix("/")), Host("*.foo.com", Prefix("/")) with { Listeners = ["http"] }, Host("", Prefix("/")) with { Listeners = ["other"] });
        var https = table.Listener("https");
        Assert.Equal("Prefix /", table.Ask("foo.com", "/", listener: "https"));
        Assert.Equal("Prefix /", table.Ask("a.foo.com", "/", listener: "http"));
        Assert.Equal("NoHost", table.Ask("a.foo.com", "/", listener: "https"));
        Assert.Equal("Prefix /", table.Ask("x", "/", listener: "other"));

        table.Publish(Host("foo.com", Prefix("/")) with { Listeners = ["other"] });
        Assert.Equal("NoHost", table.Ask("foo.com", "/", listener: "https"));
        Assert.Equal("NoHost", table.Ask("foo.com", "/", listener: "http"));
        Assert.Equal("Prefix /", table.Ask("foo.com", "/", listener: "other"));
        Assert.Same(https, table.Listener("https"));
    }

    [Theory]
    [InlineData("foo.com")]
    [InlineData("*.foo.com")]
    [InlineData("")]
    public async Task A_host_is_served_at_every_moment_while_it_is_replaced(string name)
    {
        var table = Of(Host(name, Prefix("/")));
        var listener = table.Listener("http");
        var asked = name.Replace("*", "a", StringComparison.Ordinal);
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var matches = 0;
            for (; !stop.IsCancellationRequested; matches++)
                Assert.NotNull(listener.Match(asked, new RequestView { Method = "GET", Path = "/" }).Route);
            return matches;
        }, TestContext.Current.CancellationToken);

        for (var version = 0; version < 100_000 && !reader.IsCompleted; version++)
            table.Publish(Host(name, Prefix("/")));
        await stop.CancelAsync();
        Assert.NotEqual(0, await reader);
    }

    [Fact]
    public void A_removed_host_is_gone_from_all_listeners()
    {
        var table = Of(Host("foo.com", Prefix("/")), Host("*.foo.com", Prefix("/")), Host("", Prefix("/")));
        foreach (var host in (string[])["FOO.com", "*.foo.com", "", "never.was"])
            table.Remove(host);
        foreach (var listener in (string[])["http", "https"])
        {
            Assert.Equal("NoHost", table.Ask("foo.com", "/", listener: listener));
            Assert.Equal("NoHost", table.Ask("a.foo.com", "/", listener: listener));
        }
    }

    [Fact]
    public void A_match_tells_the_hosts_tls_policy_with_or_without_a_route()
    {
        var policy = new TlsPolicy(TlsVersions.Tls13, "ca");
        var table = Of(Host("foo.com", Prefix("/a")) with { Tls = policy });
        Assert.Same(policy, table.Listener("https").Match("foo.com", new RequestView { Method = "GET", Path = "/b" }).Host?.Tls);
        Assert.Null(table.Listener("https").Match("bar.com", new RequestView { Method = "GET", Path = "/b" }).Host);
    }

    [Fact]
    public void The_default_route_is_no_part_of_any_host_and_an_equal_one_changes_nothing()
    {
        var table = Of(Host("foo.com", Prefix("/a")));
        table.SetDefaultRoute(Prefix("/", "default"));
        Assert.Equal("NoPath", table.Ask("foo.com", "/b"));
        Assert.Equal("NoHost", table.Ask("bar.com", "/"));

        var before = table.DefaultRoute;
        table.SetDefaultRoute(Prefix("/", "default"));
        Assert.Same(before, table.DefaultRoute);
        table.SetDefaultRoute(null);
        Assert.Null(table.DefaultRoute);
    }

    [Fact]
    public void A_path_of_thousands_of_elements_costs_what_it_is_long()
    {
        var deep = string.Concat(Enumerable.Repeat("/a", 5_000));
        var table = Of(Host("foo.com", Prefix(deep, "deep"), Prefix("/a", "top")));
        Assert.Equal("deep", table.Ask("foo.com", deep + "/b"));
        Assert.Equal("top", table.Ask("foo.com", deep[..^2] + "/b"));

        // 40,000 elements: were the cost quadratic, this would take minutes.
        var path = string.Concat(Enumerable.Repeat(deep, 8));
        for (var i = 0; i < 100; i++)
            Assert.Equal("deep", table.Ask("foo.com", path));
    }

    [Fact]
    public void Every_route_gets_the_filters_made_for_it()
    {
        List<string> compiled = [];
        var table = new RouteTable(new Proxy.Endpoints.EndpointTable(), (host, route) =>
        {
            compiled.Add($"{host.Host}{route.Id}");
            return [];
        });
        table.Publish(Host("foo.com", Prefix("/a", " a"), Prefix("/b", " b")));
        Assert.Equal(["foo.com a", "foo.com b"], compiled.Order());
    }
}
