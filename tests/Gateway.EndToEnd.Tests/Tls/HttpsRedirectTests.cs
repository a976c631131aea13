using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Tls;

/// <summary>Which plain requests are sent to https, and what answers over https say about it.</summary>
public sealed class HttpsRedirectTests(HttpsRedirectTests.Ingresses fixture) : IClassFixture<HttpsRedirectTests.Ingresses>
{
    [Theory]
    [InlineData("http://shop.test/", "https://shop.test")]
    [InlineData("http://shop.test/a%2Fb/c?d=e&f", "https://shop.test/a%2Fb/c?d=e&f")]
    [InlineData("http://shop.test:8080/a", "https://shop.test/a")]
    [InlineData("http://SHOP.test/a", "https://shop.test/a")]
    [InlineData("http://unlisted.test/a", "https://unlisted.test/a")]
    [InlineData("http://shop.test/no/such/path", "https://shop.test/no/such/path")]
    [InlineData("http://below.wild.test/a", "https://below.wild.test/a")]
    [InlineData("http://exact-below.wild.test/a", "https://exact-below.wild.test/a")]
    [InlineData("http://forced.test/a", "https://forced.test/a")]
    public async Task Every_host_of_an_Ingress_with_TLS_redirects_without_a_port(string url, string location)
    {
        var answer = await fixture.GetAsync(url);
        Assert.Equal((HttpStatusCode.PermanentRedirect, location), (answer.Status, answer["Location"]));
        Assert.Null(answer["Strict-Transport-Security"]);
    }

    [Theory]
    [InlineData("http://shop.test/.well-known/acme-challenge/token")]
    [InlineData("http://opted-out.test/")]
    [InlineData("http://plain.test/")]
    [InlineData("https://shop.test/")]
    [InlineData("https://opted-out.test/")]
    public async Task What_is_exempt_or_encrypted_already_is_served(string url) =>
        Assert.Equal((HttpStatusCode.OK, "web"), await ServedAsync(url));

    [Theory]
    [InlineData("shop.test", 2_000_000, 413)]
    [InlineData("denied.test", 0, 503)]
    [InlineData("denied.test", 2_000_000, 413)]
    public async Task What_https_would_not_take_either_is_refused_at_once(string host, int length, int status)
    {
        await using var connection = await RawConnection.DialAsync(fixture.Gateway.HttpPort);
        await connection.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n");
        Assert.Equal(status, (await connection.ReadAnswerAsync()).Status);
    }

    [Theory]
    [InlineData("https://shop.test/", HttpStatusCode.OK)]
    [InlineData("https://plain.test/", HttpStatusCode.OK)]
    [InlineData("https://nobody.test/", HttpStatusCode.NotFound)]
    [InlineData("https://plain.test/missing", HttpStatusCode.ServiceUnavailable)]
    public async Task Answers_over_https_carry_HSTS(string url, HttpStatusCode status)
    {
        var answer = await fixture.GetAsync(url);
        Assert.Equal((status, "max-age=31536000; includeSubDomains"), (answer.Status, answer["Strict-Transport-Security"]));
    }

    [Fact]
    public async Task A_refusal_of_a_bad_request_over_https_carries_HSTS()
    {
        await using var connection = await RawConnection.DialTlsAsync(fixture.Gateway.HttpsPort, "plain.test");
        await connection.SendAsync("GET /%zz HTTP/1.1\r\nHost: plain.test\r\n\r\n");
        var answer = await connection.ReadAnswerAsync();
        Assert.Equal((400, "max-age=31536000; includeSubDomains"), (answer.Status, answer["Strict-Transport-Security"]));
    }

    [Theory]
    [InlineData("http://plain.test/", HttpStatusCode.OK)]
    [InlineData("http://nobody.test/", HttpStatusCode.NotFound)]
    [InlineData("http://plain.test/missing", HttpStatusCode.ServiceUnavailable)]
    public async Task Answers_over_http_do_not(string url, HttpStatusCode status)
    {
        var answer = await fixture.GetAsync(url);
        Assert.Equal((status, null), (answer.Status, answer["Strict-Transport-Security"]));
    }

    private async Task<(HttpStatusCode, string)> ServedAsync(string url)
    {
        var answer = await fixture.GetAsync(url);
        return (answer.Status, answer.From);
    }

    public sealed class Ingresses : GatewayFixture
    {
        protected override Task WriteAsync()
        {
            Folder.Write("shop.yaml", """
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata:
                  name: shop
                spec:
                  tls:
                    - hosts: [shop.test]
                      secretName: absent
                  rules:
                    - host: shop.test
                      http:
                        paths:
                          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
                          - { path: /.well-known/acme-challenge/, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
                    - host: unlisted.test
                      http:
                        paths:
                          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
                """);
            Folder.Write("wild.yaml", TlsYaml.Ingress("wild", "*.wild.test", "absent"));
            Folder.Write("exact-below.yaml", Yaml.Ingress("exact-below", "exact-below.wild.test", "web"));
            Folder.Write("opted-out.yaml", TlsYaml.Ingress(
                "opted-out", "opted-out.test", "absent", annotations: """{ nginx.ingress.kubernetes.io/ssl-redirect: "false" }"""));
            Folder.Write("forced.yaml", Yaml.Ingress(
                "forced", "forced.test", "web", annotations: """{ nginx.ingress.kubernetes.io/force-ssl-redirect: "true" }"""));
            Folder.Write("denied.yaml", TlsYaml.Ingress("denied", "denied.test", "absent", annotations: "{ nginx.ingress.kubernetes.io/auth-type: basic }"));
            Folder.Write("plain.yaml", Yaml.Ingress("plain", "plain.test", "web"));
            Folder.Write("missing.yaml", Yaml.Ingress("missing", "plain.test", "absent", "/missing"));
            return Task.CompletedTask;
        }
    }
}
