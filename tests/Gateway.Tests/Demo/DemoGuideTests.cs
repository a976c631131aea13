using System.Net;
using Gateway.Demo;
using Gateway.Hosting;

namespace Gateway.Tests.Demo;

public sealed class DemoGuideTests
{
    [Theory]
    [InlineData("127.0.0.1", "--resolve secure.localhost:2:127.0.0.1 https://secure.localhost:2/", "http://127.0.0.1:1/")]
    [InlineData("192.0.2.1", "--resolve secure.localhost:2:192.0.2.1 https://secure.localhost:2/", "http://192.0.2.1:1/")]
    [InlineData("0.0.0.0", "--resolve secure.localhost:2:127.0.0.1 https://secure.localhost:2/", "http://localhost:1/")]
    [InlineData("::", "--resolve secure.localhost:2:127.0.0.1 https://secure.localhost:2/", "http://localhost:1/")]
    public void The_lines_lead_to_an_address_that_can_be_dialled(string address, string secure, string plain)
    {
        var bound = IPAddress.Parse(address);
        var guide = DemoGuide.Write(new GatewayAddresses(new(bound, 1), new(bound, 2), new(bound, 3)), "folder");
        Assert.Contains(secure, guide, StringComparison.Ordinal);
        Assert.Contains(plain, guide, StringComparison.Ordinal);
    }
}
