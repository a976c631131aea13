using System.Globalization;
using System.Net;
using System.Text;
using Gateway.Hosting;

namespace Gateway.Demo;

/// <summary>What to type, and what each line should answer.</summary>
internal static class DemoGuide
{
    /// <summary>Writes it.</summary>
    public static string Write(GatewayAddresses addresses, string folder)
    {
        var http = GatewayAddresses.Url("http", addresses.Http);
        var admin = GatewayAddresses.Url("http", addresses.Admin);
        var port = addresses.Https.Port;
        // With --bind-address :: or 0.0.0.0 loopback is among them.
        var any = addresses.Https.Address.Equals(IPAddress.IPv6Any) || addresses.Https.Address.Equals(IPAddress.Any);
        var secure = (any ? IPAddress.Loopback : addresses.Https.Address).ToString();
        var text = new StringBuilder("Try, in another terminal:\n\n");
        Line($"curl -s -H 'Host: shop.localhost' {http}/cart", "shop-frontend: GET /cart for shop.localhost");
        Line($"curl -s -H 'Host: shop.localhost' '{http}/api/items?page=2'", "shop-api: GET /api/items?page=2 for shop.localhost");
        Line($"curl -s -H 'Host: any.apps.localhost' {http}/", "echo: GET / for any.apps.localhost");
        Line($"curl -sk --resolve secure.localhost:{port}:{secure} https://secure.localhost:{port}/", $"shop-frontend: GET / for secure.localhost:{port}");
        Line($"curl -s -o /dev/null -w '%{{http_code}} %{{redirect_url}}\\n' -H 'Host: secure.localhost' {http}/", "308 https://secure.localhost/");
        Line($"curl -s -o /dev/null -w '%{{http_code}}\\n' -H 'Host: broken.localhost' {http}/reports", "503");
        Line($"curl -s -o /dev/null -w '%{{http_code}}\\n' -H 'Host: nobody.localhost' {http}/", "404");
        Line($"curl -s {admin}/api/diagnostics", "JSON: what is wrong with the Ingress 'broken', and what to do");
        text.Append(CultureInfo.InvariantCulture, $"The manifests are in {folder}: edit one, and the next request follows it. Ctrl-C ends the demo.");
        return text.ToString();

        void Line(string command, string answer) => text.Append(CultureInfo.InvariantCulture, $"  {command}\n      -> {answer}\n");
    }
}
