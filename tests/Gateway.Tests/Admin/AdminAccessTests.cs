using System.Net;
using Gateway.Admin;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Admin;

public sealed class AdminAccessTests
{
    private static async Task<int> StatusAsync(string path, string peer, params string[] allowed)
    {
        var context = new DefaultHttpContext { Request = { Path = path }, Connection = { RemoteIpAddress = IPAddress.Parse(peer) } };
        await new AdminAccess([.. allowed.Select(IPNetwork.Parse)]).InvokeAsync(context, _ => Task.CompletedTask);
        return context.Response.StatusCode;
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task Loopback_reads_everything(string peer) => Assert.Equal(200, await StatusAsync("/api/routes", peer));

    [Theory]
    [InlineData("/healthz", 200)]
    [InlineData("/readyz", 200)]
    [InlineData("/metrics", 200)]
    [InlineData("/api/routes", 403)]
    [InlineData("/api/diagnostics", 403)]
    [InlineData("/healthz/x", 403)]
    [InlineData("/", 403)]
    public async Task Other_peers_get_the_probes_only(string path, int status) => Assert.Equal(status, await StatusAsync(path, "203.0.113.7"));

    [Theory]
    [InlineData("10.1.2.3", 200)]
    [InlineData("::ffff:10.1.2.3", 200)]
    [InlineData("11.1.2.3", 403)]
    public async Task Named_peers_read_everything(string peer, int status) => Assert.Equal(status, await StatusAsync("/api/routes", peer, "10.0.0.0/8"));
}
