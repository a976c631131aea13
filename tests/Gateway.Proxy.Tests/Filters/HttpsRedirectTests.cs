using System.Net;
using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Filters;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Tests.Listeners;
using Gateway.Proxy.Tests.Routing;

namespace Gateway.Proxy.Tests.Filters;

public sealed class HttpsRedirectTests
{
    [Theory]
    [InlineData("shop.test", "/", false, "https://shop.test")]
    [InlineData("shop.test:8080", "/cart", false, "https://shop.test/cart")]
    [InlineData("shop.test", "/cart/", false, "https://shop.test/cart")]
    [InlineData("shop.test", "/cart/", true, "https://shop.test/cart/")]
    [InlineData("shop.test", "/cart/?x=/", false, "https://shop.test/cart?x=/")]
    [InlineData("shop.test", "/a%2Fb?x=%20", false, "https://shop.test/a%2Fb?x=%20")]
    [InlineData("[::1]:8080", "/a", false, "https://[::1]/a")]
    public void The_location_is_the_same_resource_under_https_without_a_port(string host, string target, bool preserve, string expected) =>
        Assert.Equal(expected, HttpsRedirect.Location(host, target, preserve));

    [Fact]
    public async Task A_request_that_names_no_host_is_refused_since_there_is_nowhere_to_send_it()
    {
        await using var dataPlane = TestDataPlane.Create();
        await dataPlane.StartAsync(TestContext.Current.CancellationToken);
        var endPoint = await dataPlane.OpenAsync(
            new ListenerDefinition(ListenerNames.Http, IPAddress.Loopback, 0, IsTls: false), TestContext.Current.CancellationToken);
        dataPlane.Apply(new ConfigurationDelta
        {
            Settings = GatewaySettings.Default,
            Hosts = [RouteTables.Host(HostRoutes.AnyHost, RouteTables.Prefix("/") with { Filters = [new HttpsRedirectFilter(308, PreserveTrailingSlash: false)] })],
        });
        using var client = await RawClient.ConnectAsync(endPoint);

        await client.SendAsync("GET / HTTP/1.0\r\n\r\n");

        var answer = (await client.ReadAnswerAsync())!;
        Assert.Equal(400, answer.Status);
        Assert.DoesNotContain("Location", answer.Head, StringComparison.OrdinalIgnoreCase);
    }
}
