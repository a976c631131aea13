using Gateway.Proxy.Filters;

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
}
