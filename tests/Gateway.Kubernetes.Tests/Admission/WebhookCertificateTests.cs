using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Admission;
using Gateway.Kubernetes.Tests.Simulated;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Kubernetes.Tests.Admission;

public sealed class WebhookCertificateTests
{
    private const string SecretPath = "/api/v1/namespaces/gw/secrets/gateway-webhook";
    private const string ConfigurationPath = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/gateway";
    private const string Host = "gateway-admission.gw.svc";

    private static readonly WebhookOptions Options = new(new ObjectName("gw", "gateway-webhook"), "gateway");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>The leader's issuer and one replica's reader.</summary>
    private sealed class World
    {
        public World(Simulation simulation, bool configured = true)
        {
            Simulation = simulation;
            Api = new ScriptedApi(simulation.Time);
            if (configured)
                Api.Put(ConfigurationPath, JsonNode.Parse("""{"webhooks": [{"name": "a", "clientConfig": {"service": {"name": "gateway-admission", "namespace": "gw"}}, "rules": [{"operations": ["CREATE"]}]}, {"name": "b", "clientConfig": {"url": "https://hooks.example:8444/validate"}}]}""")!.AsObject());
            Issuer = new WebhookCertificateIssuer(Api.Connect("leader").Client, Options, simulation.Time, NullLogger.Instance);
            Reader = new WebhookCertificate(Api.Connect("replica").Client, Options.Secret, simulation.Time, NullLogger.Instance);
        }

        public Simulation Simulation { get; }

        public ScriptedApi Api { get; }

        public WebhookCertificateIssuer Issuer { get; }

        public WebhookCertificate Reader { get; }

        public string Authorities => Encoding.ASCII.GetString(Convert.FromBase64String((string)Api.Get(SecretPath)!["data"]!["ca.crt"]!));

        public IEnumerable<string> Bundles => Api.Get(ConfigurationPath)!["webhooks"]!.AsArray()
            .Select(webhook => Encoding.ASCII.GetString(Convert.FromBase64String((string?)webhook!["clientConfig"]!["caBundle"] ?? "")));

        public void Start()
        {
            _ = Issuer.RunAsync(CancellationToken.None);
            _ = Reader.RunAsync(CancellationToken.None);
        }
    }

    private static void Run(Action<World> test, bool configured = true) => Simulation.Run(simulation => test(new World(simulation, configured)));

    private static bool IsTrusted(X509Certificate2 certificate, string authorities, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(certificate);
    }

    [Fact]
    public void The_leader_issues_a_certificate_that_the_API_server_trusts_and_replicas_read() => Run(world =>
    {
        world.Start();
        world.Simulation.Advance(Minute);

        var certificate = world.Reader.Current!;
        Assert.True(certificate.HasPrivateKey);
        Assert.True(certificate.MatchesHostname(Host) && certificate.MatchesHostname("hooks.example"));
        Assert.Equal("kubernetes.io/tls", (string?)world.Api.Get(SecretPath)!["type"]);
        Assert.All(world.Bundles, bundle => Assert.True(IsTrusted(certificate, bundle, world.Simulation.Time.GetUtcNow())));
        Assert.Equal("CREATE", (string?)world.Api.Get(ConfigurationPath)!["webhooks"]![0]!["rules"]![0]!["operations"]![0]);
        Assert.Equal("gateway-admission", (string?)world.Api.Get(ConfigurationPath)!["webhooks"]![0]!["clientConfig"]!["service"]!["name"]);
    });

    [Fact]
    public void What_is_good_is_left_alone() => Run(world =>
    {
        world.Start();
        world.Simulation.Advance(60 * Minute, Minute);

        Assert.Equal(["POST", "PATCH"], world.Api.Writes.Select(request => request.Method));
    });

    [Fact]
    public void A_certificate_is_renewed_before_it_runs_out_and_never_untrusted_on_the_way() => Run(world =>
    {
        world.Start();
        world.Simulation.Advance(Minute);
        var first = world.Reader.Current!;
        for (var quarter = 0; quarter < 4 * 400; quarter++)
        {
            world.Simulation.Advance(360 * Minute, 360 * Minute);
            var now = world.Simulation.Time.GetUtcNow();
            Assert.True(world.Reader.Current!.NotAfter > now.UtcDateTime.AddDays(25));
            if (quarter % 40 == 0)
                Assert.All(world.Bundles, bundle => Assert.True(IsTrusted(world.Reader.Current!, bundle, now)));
        }

        Assert.NotEqual(first.Thumbprint, world.Reader.Current!.Thumbprint);
    });

    [Fact]
    public void A_replica_that_still_shows_the_old_certificate_stays_trusted_after_renewal() => Run(world =>
    {
        world.Start();
        world.Simulation.Advance(Minute);
        var old = world.Reader.Current!;
        world.Simulation.Time.Advance(TimeSpan.FromDays(340));
        world.Simulation.Advance(2 * Minute);

        Assert.NotEqual(old.Thumbprint, world.Reader.Current!.Thumbprint);
        Assert.All(world.Bundles, bundle => Assert.True(IsTrusted(old, bundle, world.Simulation.Time.GetUtcNow())));
    });

    [Theory]
    [InlineData("""{"tls.crt": "bm9uc2Vuc2U=", "tls.key": "bm9uc2Vuc2U=", "ca.crt": "bm9uc2Vuc2U="}""")]
    [InlineData("""{"tls.crt": "no base64!", "tls.key": "", "ca.crt": ""}""")]
    [InlineData("""{}""")]
    public void A_Secret_without_a_usable_certificate_is_filled(string data) => Run(world =>
    {
        world.Api.Put(SecretPath, new JsonObject { ["type"] = "Opaque", ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["a"] = "b" } }, ["data"] = JsonNode.Parse(data) });
        world.Start();
        world.Simulation.Advance(Minute);

        Assert.True(world.Reader.Current!.MatchesHostname(Host));
        Assert.Equal("Opaque", (string?)world.Api.Get(SecretPath)!["type"]);
        Assert.Equal("b", (string?)world.Api.Get(SecretPath)!["metadata"]!["labels"]!["a"]);
    });

    [Theory]
    [InlineData("""{"tls.crt": "bm9uc2Vuc2U=", "tls.key": "bm9uc2Vuc2U=", "ca.crt": "bm9uc2Vuc2U="}""")]
    [InlineData(null)]
    public void A_Secret_that_is_lost_meanwhile_leaves_a_gap_of_seconds(string? data) => Run(world =>
    {
        world.Start();
        world.Simulation.Advance(Minute);
        var before = world.Reader.Current!;
        if (data is null)
            world.Api.Delete(SecretPath);
        else
            world.Api.Put(SecretPath, new JsonObject { ["data"] = JsonNode.Parse(data) });
        var untrusted = 0;
        for (var second = 0; second < 120; second++)
        {
            world.Simulation.Advance(TimeSpan.FromSeconds(1));
            if (!world.Bundles.All(bundle => IsTrusted(world.Reader.Current!, bundle, world.Simulation.Time.GetUtcNow())))
                untrusted++;
        }

        Assert.NotEqual(before.Thumbprint, world.Reader.Current!.Thumbprint);
        Assert.InRange(untrusted, 0, 5);
    });

    [Fact]
    public void A_certificate_for_another_name_is_replaced() => Run(world =>
    {
        var other = SelfSignedCertificate.Create(["other.gw.svc"], world.Simulation.Time.GetUtcNow(), null);
        world.Api.Put(SecretPath, new JsonObject { ["data"] = new JsonObject { ["tls.crt"] = Base64(other.Certificate), ["tls.key"] = Base64(other.Key), ["ca.crt"] = Base64(other.Authorities) } });
        world.Start();
        world.Simulation.Advance(2 * Minute);

        Assert.True(world.Reader.Current!.MatchesHostname(Host));

        static string Base64(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));
    });

    [Fact]
    public void A_configuration_that_is_applied_anew_without_authorities_gets_them_again() => Run(world =>
    {
        world.Start();
        world.Simulation.Advance(Minute);
        world.Api.Put(ConfigurationPath, JsonNode.Parse("""{"webhooks": [{"name": "a", "clientConfig": {"service": {"name": "gateway-admission", "namespace": "gw"}}}]}""")!.AsObject());
        world.Simulation.Advance(2 * Minute);

        Assert.Equal(world.Authorities, Assert.Single(world.Bundles));
    });

    [Fact]
    public void A_webhook_that_is_added_meanwhile_stays() => Run(world =>
    {
        var isAdded = false;
        world.Api.Intercept = request =>
        {
            if (request.Method == "PATCH" && !isAdded)
            {
                isAdded = true;
                var configuration = world.Api.Get(ConfigurationPath)!.DeepClone().AsObject();
                configuration["webhooks"]!.AsArray().Add(JsonNode.Parse("""{"name": "c", "clientConfig": {"url": "https://hooks.example:8445/validate"}}"""));
                world.Api.Put(ConfigurationPath, configuration);
            }
            return null;
        };
        world.Start();
        world.Simulation.Advance(Minute);

        Assert.Equal(3, world.Bundles.Count());
        Assert.All(world.Bundles, bundle => Assert.Equal(world.Authorities, bundle));
    });

    [Fact]
    public void A_configuration_that_is_not_there_yet_is_waited_for() => Run(world =>
    {
        world.Start();
        world.Simulation.Advance(10 * Minute);
        Assert.Null(world.Reader.Current);
        world.Api.Put(ConfigurationPath, JsonNode.Parse("""{"webhooks": [{"name": "a", "clientConfig": {"service": {"name": "gateway-admission", "namespace": "gw"}}}]}""")!.AsObject());
        world.Simulation.Advance(Minute);

        Assert.Equal(world.Authorities, Assert.Single(world.Bundles));
    }, configured: false);

    [Fact]
    public async Task A_TLS_handshake_with_it_succeeds_for_a_client_that_trusts_its_authorities()
    {
        var issued = SelfSignedCertificate.Create([Host], DateTimeOffset.UtcNow, null);
        using var certificate = issued.Load();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var socket = new TcpClient();
        await socket.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        using var accepted = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using var server = new SslStream(accepted.GetStream());
        await using var client = new SslStream(socket.GetStream());
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(issued.Authorities);

        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateSelectionCallback = (_, _) => certificate }, TestContext.Current.CancellationToken),
            client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = Host, CertificateChainPolicy = policy }, TestContext.Current.CancellationToken));

        Assert.True(client.IsAuthenticated);
    }
}
