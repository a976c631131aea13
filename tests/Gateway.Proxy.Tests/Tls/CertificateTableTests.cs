using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Tls;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Proxy.Tests.Tls;

public sealed class CertificateTableTests
{
    private static readonly TlsPolicy Strict = new(TlsVersions.Tls13, "ca");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("a.test", "a.test")]
    [InlineData("A.Test", "a.test")]
    [InlineData("a.test.", "a.test")]
    [InlineData("b.a.test", "*.a.test")]
    [InlineData("B.A.TEST.", "*.a.test")]
    [InlineData("exact.a.test", "exact.a.test")]
    [InlineData("c.b.a.test", "")]
    [InlineData("*.a.test", "*.a.test")]
    [InlineData(".a.test", "")]
    [InlineData("test", "")]
    [InlineData("other.test", "")]
    [InlineData("", "")]
    [InlineData(".", "")]
    public void A_name_finds_itself_then_the_wildcard_above_it_then_the_default(string name, string host)
    {
        var table = new CertificateTable(GatewaySettings.Default, _time);
        foreach (var served in new[] { "a.test", "*.a.test", "exact.a.test" })
            table.Publish(new HostCertificate(served, null, Strict));

        Assert.Equal(host, table.Find(name)!.Host.Host);
        Assert.Equal(host.Length == 0 ? TlsPolicy.Default : Strict, table.Find(name)!.Policy.Policy);
    }

    [Fact]
    public void A_host_whose_certificate_is_missing_gets_the_default_one_not_the_wildcards()
    {
        var table = new CertificateTable(GatewaySettings.Default, _time);
        table.Publish(new HostCertificate("*.a.test", TestCertificate.Create("*.a.test"), TlsPolicy.Default));
        table.Publish(new HostCertificate("broken.a.test", null, TlsPolicy.Default));

        Assert.Equal(table.DefaultCertificate.Leaf, Certificate(table, "broken.a.test"));
    }

    [Fact]
    public void A_host_that_is_taken_out_falls_to_the_wildcard_and_then_to_the_default()
    {
        var wildcard = TestCertificate.Create("*.a.test");
        var table = new CertificateTable(GatewaySettings.Default, _time);
        table.Publish(new HostCertificate("*.a.test", wildcard, TlsPolicy.Default));
        table.Publish(new HostCertificate("b.a.test", TestCertificate.Create("b.a.test"), TlsPolicy.Default));

        table.Remove("b.a.test");
        Assert.Equal(wildcard.Leaf, Certificate(table, "b.a.test"));
        table.Remove("*.a.test");
        Assert.Equal(table.DefaultCertificate.Leaf, Certificate(table, "b.a.test"));
        Assert.Empty(table.Hosts);
    }

    [Fact]
    public void The_default_certificate_can_be_set_and_taken_back()
    {
        var table = new CertificateTable(GatewaySettings.Default, _time);
        table.Publish(new HostCertificate("broken.test", null, TlsPolicy.Default));
        var selfSigned = table.DefaultCertificate;
        var own = TestCertificate.Create("default.test");

        table.SetDefault(own);
        Assert.Equal(own.Leaf, Certificate(table, "unknown.test"));
        Assert.Equal(own.Leaf, Certificate(table, "broken.test"));
        table.SetDefault(null);
        Assert.Equal(selfSigned.Leaf, Certificate(table, "unknown.test"));
        Assert.Equal(selfSigned.Leaf, Certificate(table, "broken.test"));
    }

    [Fact]
    public void The_gateways_own_certificate_says_what_it_is_and_lasts()
    {
        var leaf = new CertificateTable(GatewaySettings.Default, _time).DefaultCertificate.Leaf;

        Assert.Contains("CN=Gateway Fake Certificate", leaf.Subject, StringComparison.Ordinal);
        Assert.Equal(["gateway-fake-certificate.invalid"], leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames());
        Assert.Equal(256, leaf.GetECDsaPublicKey()!.KeySize);
        Assert.InRange(_time.GetUtcNow().UtcDateTime, leaf.NotBefore.ToUniversalTime(), leaf.NotBefore.ToUniversalTime().AddDays(2));
        Assert.True(leaf.NotAfter.ToUniversalTime() > _time.GetUtcNow().AddYears(5));
    }

    [Fact]
    public void A_change_of_one_host_leaves_the_answers_of_the_others_as_they_are()
    {
        var table = new CertificateTable(GatewaySettings.Default, _time);
        table.Publish(new HostCertificate("a.test", TestCertificate.Create("a.test"), TlsPolicy.Default));
        table.Publish(new HostCertificate("b.test", TestCertificate.Create("b.test"), TlsPolicy.Default));
        var (a, b) = (table.Find("a.test"), table.Find("b.test"));

        table.Publish(new HostCertificate("a.test", TestCertificate.Create("a.test"), TlsPolicy.Default));

        Assert.NotSame(a, table.Find("a.test"));
        Assert.Same(b, table.Find("b.test"));
    }

    [Fact]
    public void Hosts_that_share_a_certificate_share_its_sessions()
    {
        var shared = TestCertificate.Create("a.test");
        var table = new CertificateTable(GatewaySettings.Default, _time);
        table.Publish(new HostCertificate("a.test", shared, TlsPolicy.Default));
        table.Publish(new HostCertificate("b.test", shared, TlsPolicy.Default));

        Assert.Same(table.Find("a.test")!.Options.ServerCertificateContext, table.Find("b.test")!.Options.ServerCertificateContext);
    }

    [Fact]
    public void A_name_without_an_entry_is_served_under_the_versions_of_the_settings()
    {
        var onlyTls13 = GatewaySettings.Default with { SslProtocols = TlsVersions.Tls13 };
        var started = new CertificateTable(onlyTls13, _time);
        var changed = new CertificateTable(GatewaySettings.Default, _time);
        changed.Apply(onlyTls13);

        Assert.Equal(new TlsPolicy(TlsVersions.Tls13), started.Find("unknown.test")!.Policy.Policy);
        Assert.Equal(new TlsPolicy(TlsVersions.Tls13), changed.Find("unknown.test")!.Policy.Policy);
    }

    [Fact]
    public void A_lookup_allocates_nothing()
    {
        var table = new CertificateTable(GatewaySettings.Default, _time);
        table.Publish(new HostCertificate("a.test", null, TlsPolicy.Default));
        table.Publish(new HostCertificate("*.a.test", null, TlsPolicy.Default));

        Assert.Equal(0, Allocations.Of(() =>
        {
            table.Find("A.test.");
            table.Find("b.a.test");
            table.Find("unknown.test");
        }));
    }

    private static X509Certificate2 Certificate(CertificateTable table, string name) =>
        table.Find(name)!.Options.ServerCertificateContext!.TargetCertificate;
}
