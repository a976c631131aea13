using System.Globalization;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Tests;

/// <summary>One object with thousands of faults: what is said of it is bounded, what is left out is counted.</summary>
public sealed class DiagnosticCollectorTests
{
    private const int Many = 5_400;
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ResourceKey Web = new(ResourceKind.Ingress, new ObjectName("shop", "web"));

    private readonly DiagnosticCollector _collector = new(Web);
    private int _compared;

    private IEnumerable<string> Known
    {
        get
        {
            _compared++;
            yield return "proxy-body-size";
        }
    }

    private static string Text(int i) => i.ToString(CultureInfo.InvariantCulture);

    private static IngressResource Ingress(Func<int, string> annotation) => new(Web.Name)
    {
        ClassName = "nginx",
        Annotations = Annotations.From(Enumerable.Range(0, Many).Select(i => KeyValuePair.Create(Annotations.NginxPrefix + annotation(i), "x"))),
        Rules = [new IngressRule("shop.test", [new IngressPath("/", IngressPathType.Prefix, new IngressBackend("web", new PortReference(80, null)))])],
    };

    [Fact]
    public void Few_are_listed_as_they_came()
    {
        for (var i = 0; i < 20; i++)
            _collector.Warning(Text(i), null, "problem", "remedy");

        Assert.Equal(Enumerable.Range(0, 20).Select(Text), _collector.Diagnostics.Select(diagnostic => diagnostic.Field));
    }

    [Fact]
    public void Each_sort_has_a_bound_of_its_own_and_the_rest_is_counted()
    {
        for (var i = 0; i < Many; i++)
            _collector.Warning(Text(i), null, "warning", "remedy");
        for (var i = 0; i < 30; i++)
            _collector.Awaited(Text(i), null, "awaited", "remedy");
        for (var i = 0; i < 21; i++)
            _collector.Error(Text(i), null, "error", "remedy");

        Assert.Equal(63, _collector.Diagnostics.Distinct().Count());
        Assert.Equal(
            [
                "Ingress shop/web: 1 more errors are not listed. Mend the listed ones first.",
                "Ingress shop/web: 10 more errors that another object may cure are not listed. Mend the listed ones first.",
                "Ingress shop/web: 5380 more warnings are not listed. Mend the listed ones first.",
            ],
            _collector.Diagnostics.TakeLast(3).Select(diagnostic => diagnostic.ToString()));
        Assert.Equal([false, true, false], _collector.Diagnostics.TakeLast(3).Select(diagnostic => diagnostic.AwaitsOther));
    }

    [Fact]
    public void Names_that_are_not_listed_are_not_compared_with_the_known_ones()
    {
        for (var i = 0; i < Many; i++)
            _collector.Unknown(Text(i), null, "unknown", "proxy-body-sise", Known);

        Assert.Equal(20, _compared);
        Assert.Equal(20, _collector.Diagnostics.Count(diagnostic => diagnostic.Remedy == "Write \"proxy-body-size\" if that is meant"));
    }

    [Theory]
    [InlineData("proxy-body-siz", "proxy-body-size")]
    [InlineData("Proxy-Body-Sizes", "proxy-body-size")]
    [InlineData("roxy-ody-ize", "proxy-body-size")]
    [InlineData("roxy-ody-iz", null)]
    [InlineData("body-size-proxy", null)]
    [InlineData("hts", "hsts")]
    [InlineData("hst", "hsts")]
    [InlineData("hst-", "hsts")]
    [InlineData("ht-", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_at_most_three_letters_away_and_one_for_a_short_name(string name, string? nearest) =>
        Assert.Equal(nearest, Spelling.Nearest(name, ["hsts-preload", "proxy-body-size", "hsts"]));

    [Fact]
    public void An_Ingress_of_thousands_of_unknown_annotations_is_told_of_in_a_few_words_and_served()
    {
        var log = new DiagnosticLog();
        var translator = new ConfigurationTranslator(new TranslationOptions { ManifestMode = true }, log);
        translator.Apply([ResourceChange.Upsert(Ingress(i => $"proxy-body-sise{i}"))], Now);

        Assert.Equal(21, log.Current.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Warning));
        Assert.Equal(21, translator.Judge(Ingress(i => $"proxy-body-sise{i}"), Now).Warnings.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Warning));
        Assert.Single(translator.Hosts);
    }

    [Fact]
    public void An_Ingress_of_thousands_of_annotations_that_must_not_be_ignored_is_refused_in_a_few_words()
    {
        var translator = new ConfigurationTranslator(new TranslationOptions { ManifestMode = true }, new DiagnosticLog());
        translator.Apply([ResourceChange.Upsert(Ingress(i => $"auth-{i}"))], Now);

        Assert.Equal(21, translator.Judge(Ingress(i => $"auth-{i}"), Now).Refusals.Count);
        var said = string.Join(' ', translator.Hosts.Values.SelectMany(host => host.Routes).SelectMany(route => route.Filters));
        Assert.Contains("and 5395 more", said, StringComparison.Ordinal);
        Assert.InRange(said.Length, 1, 1_000);
    }
}
