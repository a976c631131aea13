using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Routing;
using Gateway.Proxy.Tests.Routing;
using Gateway.Proxy.Tls;

namespace Gateway.Proxy.Tests;

public sealed class TablesTests
{
    private sealed class Certificates(Action<string> note) : ICertificateTable
    {
        public void Publish(HostCertificate host) => note($"certificate of {host.Host}");

        public void Remove(string host) => note($"no certificate of {host}");

        public void SetDefault(TlsCertificate? certificate) => note("default certificate");
    }

    private static Tables Empty() => new(new Certificates(_ => { }), (_, _) => []);

    private static ServicePortKey Service(int number) => new(new ObjectName("shop", $"web{number}"), new PortReference(80, null));

    private static HostRoutes Host(int number) =>
        RouteTables.Host($"h{number}.com", RouteTables.Prefix("/") with { Backends = [new Backend(Service(number))] });

    private static ConfigurationDelta Adding(params IEnumerable<int> numbers) => new()
    {
        Settings = GatewaySettings.Default,
        Hosts = [.. numbers.Select(Host)],
        Endpoints = [.. numbers.Select(n => new ServiceEndpoints(Service(n), [new EndpointAddress("10.0.0.1", 80)]))],
    };

    private static ConfigurationDelta Removing(params IEnumerable<int> numbers) => new()
    {
        Settings = GatewaySettings.Default,
        RemovedHosts = [.. numbers.Select(n => Host(n).Host)],
        RemovedServices = [.. numbers.Select(Service)],
    };

    /// <summary>The status that a request for the host gets, by what the tables hold at this moment.</summary>
    private static int Status(Tables tables, int number)
    {
        var request = new RequestView { Method = "GET", Path = "/" };
        var match = tables.Routes.Listener(ListenerNames.Http).Match($"h{number}.com", request);
        return match.Route is null ? 404 : match.Route.Choose()!.Cluster.Cluster.Usable.IsEmpty ? 503 : 200;
    }

    [Fact]
    public async Task A_new_route_goes_from_404_to_200_with_nothing_in_between()
    {
        const int batches = 100, hostsInBatch = 20;
        var tables = Empty();
        var reader = Task.Run(() =>
        {
            for (var batch = 0; batch < batches; batch++)
            {
                int status;
                do
                {
                    status = Status(tables, batch * hostsInBatch);
                    Assert.NotEqual(503, status);
                }
                while (status != 200);
            }
        }, TestContext.Current.CancellationToken);

        for (var batch = 0; batch < batches && !reader.IsFaulted; batch++)
            tables.Apply(Adding(Enumerable.Range(batch * hostsInBatch, hostsInBatch)));
        await reader.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_removed_route_goes_from_200_to_404_with_nothing_in_between()
    {
        const int batches = 100, hostsInBatch = 20;
        var tables = Empty();
        tables.Apply(Adding(Enumerable.Range(0, batches * hostsInBatch)));
        var reader = Task.Run(() =>
        {
            for (var batch = 0; batch < batches; batch++)
            {
                int status;
                do
                {
                    status = Status(tables, batch * hostsInBatch);
                    Assert.NotEqual(503, status);
                }
                while (status == 200);
            }
        }, TestContext.Current.CancellationToken);

        for (var batch = 0; batch < batches && !reader.IsFaulted; batch++)
            tables.Apply(Removing(Enumerable.Range(batch * hostsInBatch, hostsInBatch)));
        await reader.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_request_that_has_its_route_when_that_is_removed_still_reaches_an_endpoint()
    {
        var tables = Empty();
        tables.Apply(Adding(1));
        var route = tables.Routes.Listener(ListenerNames.Http).Match("h1.com", new RequestView { Method = "GET", Path = "/" }).Route!;

        tables.Apply(Removing(1));
        Assert.Equal(404, Status(tables, 1));
        Assert.False(route.Choose()!.Cluster.Cluster.Usable.IsEmpty);
    }

    [Fact]
    public void Certificates_come_before_the_routes_of_their_host_and_go_after()
    {
        List<string> seen = [];
        Tables? tables = null;
        tables = new Tables(new Certificates(what => seen.Add($"{what}: {Status(tables!, 1)}")), (_, _) => []);

        tables.Apply(Adding(1) with { Certificates = [new HostCertificate("h1.com", null, TlsPolicy.Default)] });
        tables.Apply(Removing(1) with { RemovedCertificates = ["h1.com"] });

        Assert.Equal(
            ["default certificate: 404", "certificate of h1.com: 404", "default certificate: 200", "no certificate of h1.com: 404"], seen);
    }

    [Fact]
    public void A_default_route_comes_and_goes_with_its_delta()
    {
        var tables = Empty();
        var route = RouteTables.Prefix("/") with { Backends = [new Backend(Service(1))] };
        tables.Apply(Adding() with { DefaultRoute = route });
        Assert.Equal(route, tables.Routes.DefaultRoute?.Route);
        tables.Apply(Adding());
        Assert.Null(tables.Routes.DefaultRoute);
    }
}
