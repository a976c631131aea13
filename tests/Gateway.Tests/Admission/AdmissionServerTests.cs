using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Admission;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Admission;

/// <summary>The webhook over real HTTPS, with a verdict that the test gives.</summary>
public sealed class AdmissionServerTests : IAsyncLifetime
{
    private static readonly IngressResource Ingress = new(new ObjectName("shop", "web"));

    private readonly X509Certificate2 _certificate = SelfSigned();
    private readonly HttpClient _client;
    private readonly AdmissionServer _server;
    private IngressJudgement _verdict = new([], []);
    private Uri _url = null!;
    private string? _read;

    public AdmissionServerTests()
    {
        var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate?.Thumbprint == _certificate.Thumbprint,
        };
        _client = new HttpClient(handler);
        _server = new AdmissionServer(new IPEndPoint(IPAddress.Loopback, 0), () => _certificate, Read, _ => _verdict, NullLogger.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _url = new Uri($"https://127.0.0.1:{await _server.StartAsync(Cancellation)}/validate-ingress?timeout=10s");

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _certificate.Dispose();
    }

    [Fact]
    public async Task An_ingress_without_fault_is_allowed_in_the_form_that_the_API_server_wants()
    {
        var answer = await ReviewAsync(Review());

        Assert.Equal("admission.k8s.io/v1", (string?)answer["apiVersion"]);
        Assert.Equal("AdmissionReview", (string?)answer["kind"]);
        Assert.Equal("""{"uid":"u-1","allowed":true}""", answer["response"]!.ToJsonString());
        Assert.Contains("\"name\":\"web\"", _read, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_is_refused_with_field_value_and_remedy()
    {
        _verdict = new IngressJudgement([Problem("spec.rules[0].http.paths[0].path", "api", "does not start with a slash", "Write \"/api\"")], []);

        var response = (await ReviewAsync(Review()))["response"]!;

        Assert.False((bool)response["allowed"]!);
        Assert.Equal(403, (int)response["status"]!["code"]!);
        Assert.Equal("spec.rules[0].http.paths[0].path \"api\": does not start with a slash. Write \"/api\".", (string?)response["status"]!["message"]);
    }

    [Fact]
    public async Task A_warning_lets_pass_and_is_cut_to_what_is_shown()
    {
        _verdict = new IngressJudgement([], [Problem("spec", null, new string('x', 500), "Mend it")]);

        var response = (await ReviewAsync(Review()))["response"]!;

        Assert.True((bool)response["allowed"]!);
        Assert.Equal(256, ((string)response["warnings"]![0]!).Length);
    }

    [Theory]
    [InlineData("Service", "")]
    [InlineData("Ingress", "extensions")]
    public async Task Other_kinds_are_let_pass_unread(string kind, string group)
    {
        _verdict = new IngressJudgement([Problem("spec", null, "bad", "Mend it")], []);

        Assert.True((bool)(await ReviewAsync(Review(kind, group)))["response"]!["allowed"]!);
        Assert.Null(_read);
    }

    [Theory]
    [InlineData("""{"kind":5,"group":"networking.k8s.io"}""")]
    [InlineData("""{"kind":"Ingress","group":1}""")]
    public async Task A_kind_of_the_wrong_type_is_none_of_ours(string kind)
    {
        var body = $$"""{"apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1","kind":{{kind}},"object":{} } }""";

        Assert.True((bool)(await ReviewAsync(body))["response"]!["allowed"]!);
    }

    [Fact]
    public async Task A_deletion_is_let_pass()
    {
        _verdict = new IngressJudgement([Problem("spec", null, "bad", "Mend it")], []);

        Assert.True((bool)(await ReviewAsync(Review(@object: "null")))["response"]!["allowed"]!);
    }

    [Fact]
    public async Task One_that_is_being_deleted_may_lose_its_finalizers()
    {
        _verdict = new IngressJudgement([Problem("spec", null, "bad", "Mend it")], []);
        const string Dying = """{"metadata":{"name":"web","deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":[]}}""";

        Assert.True((bool)(await ReviewAsync(Review(@object: Dying)))["response"]!["allowed"]!);
    }

    [Fact]
    public async Task Another_version_of_the_review_gets_400() => Assert.Equal(
        HttpStatusCode.BadRequest, (await SendAsync(Review().Replace("admission.k8s.io/v1", "admission.k8s.io/v1beta1", StringComparison.Ordinal))).StatusCode);

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","request":{"uid":"\ud800"}}""")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"request":{}}""")]
    [InlineData("""{"request":{"uid":7}}""")]
    public async Task What_is_no_review_gets_400(string body) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(body)).StatusCode);

    [Fact]
    public async Task More_than_a_mebibyte_gets_413()
    {
        using var content = new StringContent(Review(@object: $$"""{"x":"{{new string('x', 1 << 20)}}"}"""));
        try
        {
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await _client.PostAsync(_url, content, Cancellation)).StatusCode);
        }
        catch (HttpRequestException)
        {
            // The answer came while the body was still being sent, and the connection went with it.
        }
        Assert.Null(_read);
        Assert.True((bool)(await ReviewAsync(Review()))["response"]!["allowed"]!);
    }

    private IngressResource? Read(ReadOnlyMemory<byte> json)
    {
        _read = Encoding.UTF8.GetString(json.Span);
        return Ingress;
    }

    private static Diagnostic Problem(string field, string? value, string problem, string remedy) =>
        new(DiagnosticSeverity.Error, Ingress.Key, field, value, problem, remedy);

    private static string Review(string kind = "Ingress", string group = "networking.k8s.io", string @object = """{"metadata":{"name":"web","namespace":"shop"}}""") =>
        $$$"""
        {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1",
        "kind":{"group":"{{{group}}}","version":"v1","kind":"{{{kind}}}"},"operation":"CREATE","object":{{{@object}}},"oldObject":null,"dryRun":false}}
        """;

    private async Task<JsonNode> ReviewAsync(string body)
    {
        using var answer = await SendAsync(body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!;
    }

    private async Task<HttpResponseMessage> SendAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        return await _client.PostAsync(_url, content, Cancellation);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=gateway-admission", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
