using System.Globalization;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Configuration;

/// <summary>Where a request goes by its host and path, as sent over a socket: the table of all forms in one place.</summary>
public sealed class HostsAndPathsTests(HostsAndPathsTests.Ingresses fixture) : IClassFixture<HostsAndPathsTests.Ingresses>
{
    private const string NotFound = "404";
    private const string BadRequest = "400";

    [Theory]
    // Hosts: exact over wildcard over none; whatever the case, the port or a final dot.
    [InlineData("exact.test", "/", "exact")]
    [InlineData("EXACT.Test", "/", "exact")]
    [InlineData("exact.test:8080", "/", "exact")]
    [InlineData("exact.test.", "/", "exact")]
    [InlineData("Exact.test.:80", "/", "exact")]
    [InlineData("one.wild.test", "/", "wildcard")]
    [InlineData("ONE.WILD.test:1", "/", "wildcard")]
    [InlineData("known.wild.test", "/", "exact")]
    [InlineData("known.wild.test", "/elsewhere", NotFound)]
    [InlineData("wild.test", "/", "any")]
    [InlineData("two.one.wild.test", "/", "any")]
    [InlineData("nobody.test", "/", "any")]
    [InlineData("127.0.0.1", "/", "any")]
    [InlineData("[::1]", "/", "any")]
    [InlineData("[2001:db8::1]:8080", "/", "any")]
    [InlineData("xn--bcher-kva.test", "/", "exact")]
    [InlineData("exact.test..", "/", BadRequest)]
    [InlineData("exact.test:x", "/", BadRequest)]
    [InlineData("exact test", "/", BadRequest)]
    [InlineData("[::1", "/", BadRequest)]
    [InlineData("", "/", BadRequest)]
    // Paths: Exact over the longest Prefix; prefixes by whole elements; case counts.
    [InlineData("paths.test", "/", "root")]
    [InlineData("paths.test", "/foo", "foo-exact")]
    [InlineData("paths.test", "/foo/", "foo-prefix")]
    [InlineData("paths.test", "/foo/bar", "foo-prefix")]
    [InlineData("paths.test", "/foo/bar/baz", "foo-bar-prefix")]
    [InlineData("paths.test", "/foo/bar/bazzle", "foo-prefix")]
    [InlineData("paths.test", "/foobar", "root")]
    [InlineData("paths.test", "/FOO", "root")]
    [InlineData("paths.test", "/foo?a=/x", "foo-exact")]
    [InlineData("paths.test", "/?/foo", "root")]
    [InlineData("paths.test", "/%66oo", "foo-exact")]
    // Default backends: of the oldest Ingress of a known host; a known host never falls to rules of another.
    [InlineData("default.test", "/known", "exact")]
    [InlineData("default.test", "/other", "default")]
    [InlineData("exact.test", "/no/rule/but/the/root", "exact")]
    // What load balancers probe is answered without a body, but on unknown hosts only.
    [InlineData("nobody.test", "/healthz", "")]
    [InlineData("127.0.0.1", "/healthz", "")]
    [InlineData("exact.test", "/healthz", "exact")]
    [InlineData("known.wild.test", "/healthz", NotFound)]
    public async Task A_request_goes_where_its_host_and_path_say(string host, string target, string expected) =>
        Assert.Equal(expected, await AskAsync(host, target));

    [Theory]
    // Only what the plain path reaches is reached, however it is written.
    [InlineData("/open/secret", "/open/secret")]
    [InlineData("/open/../secret", "/secret")]
    [InlineData("/open/%2e%2e/secret", "/secret")]
    [InlineData("/open/%2E./secret", "/secret")]
    [InlineData("/open/.%2e/secret", "/secret")]
    [InlineData("/open//../secret", "/open/secret", "/secret")]
    [InlineData("/open/./../secret", "/secret")]
    [InlineData("/open/..%2fsecret", "/secret")]
    [InlineData("/open%2f..%2fsecret", "/secret")]
    [InlineData("//secret", "/secret")]
    [InlineData("/./secret", "/secret")]
    [InlineData("/%2fsecret", "/secret")]
    [InlineData("/%73ecret", "/secret")]
    [InlineData("/secret/", "/secret/")]
    [InlineData("/secret/..", "/")]
    [InlineData("/secret/%2e%2e/open", "/open")]
    [InlineData("/open%2fsecret", "/open/secret")]
    [InlineData("/../secret", "/secret")]
    [InlineData("/%2e%2e/secret", "/secret")]
    public async Task Encoding_and_dots_reach_no_more_than_the_plain_path(string target, params string[] plain)
    {
        var reached = await AskAsync("guarded.test", target);
        var allowed = new List<string> { BadRequest };
        foreach (var path in plain)
            allowed.Add(await AskAsync("guarded.test", path));
        Assert.Contains(reached, allowed);
    }

    [Theory]
    [InlineData("/open/a%2Fb")]
    [InlineData("/open//a/./b?c=%2e%2e")]
    [InlineData("/open/%E4%BD%A0%e5%a5%bd;v=1")]
    public async Task The_upstream_gets_the_path_as_it_was_sent(string target)
    {
        var answer = await SendAsync("guarded.test", target);
        Assert.Contains($"GET {target}\n", answer.Body, StringComparison.Ordinal);
    }

    private async Task<string> AskAsync(string host, string target)
    {
        var answer = await SendAsync(host, target);
        return answer.Status == 200 ? answer.Body.Split('\n')[0] : answer.Status.ToString(CultureInfo.InvariantCulture);
    }

    private async Task<RawMessage> SendAsync(string host, string target)
    {
        await using var connection = await RawConnection.DialAsync(fixture.Gateway.HttpPort);
        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        return await connection.ReadAnswerAsync();
    }

    public sealed class Ingresses : GatewayFixture
    {
        protected override async Task WriteAsync()
        {
            foreach (var name in new[] { "exact", "wildcard", "any", "root", "foo-exact", "foo-prefix", "foo-bar-prefix", "default", "open", "secret" })
                await ServeAsync(name, EchoBackend.StartAsync(name));
            Folder.Write("hosts.yaml",
                Yaml.Ingress("exact", "exact.test", "exact")
                + Yaml.Ingress("punycode", "xn--bcher-kva.test", "exact")
                + Yaml.Ingress("wildcard", "*.wild.test", "wildcard")
                + Yaml.Ingress("known", "known.wild.test", "exact", pathType: "Exact")
                + Yaml.Ingress("any", "", "any"));
            Folder.Write("paths.yaml",
                Yaml.Ingress("root", "paths.test", "root")
                + Yaml.Ingress("foo-exact", "paths.test", "foo-exact", "/foo", "Exact")
                + Yaml.Ingress("foo-prefix", "paths.test", "foo-prefix", "/foo/")
                + Yaml.Ingress("foo-bar-prefix", "paths.test", "foo-bar-prefix", "/foo/bar/baz", "ImplementationSpecific")
                + Yaml.Ingress("default", "default.test", "exact", "/known", spec: "defaultBackend: { service: { name: default, port: { number: 80 } } }")
                + Yaml.Ingress("open", "guarded.test", "open")
                + Yaml.Ingress("secret", "guarded.test", "secret", "/secret"));
        }
    }
}
