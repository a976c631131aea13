using System.Globalization;
using System.Reflection;
using Gateway.CommandLine;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress.Annotations;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Answers;

namespace Gateway.Tests.Docs;

/// <summary>The documentation says what the code does: both change together.</summary>
public sealed class DocumentationTests
{
    private static readonly Page Configuration = new("docs/configuration.md");
    private static readonly Page Ingress = new("docs/ingress.md");

    public static TheoryData<string> Pages => [.. Page.All];

    /// <summary>The annotations of ingress-nginx that are neither reported when an Ingress has them nor without meaning.</summary>
    private static IEnumerable<string> SupportedAnnotations =>
        KnownAnnotations.Nginx.Except(KnownAnnotations.WithoutMeaning)
            .Where(name => DiagnosticsOf(name).All(diagnostic => !diagnostic.Problem.Contains("not supported", StringComparison.Ordinal)));

    private static IReadOnlyList<Diagnostic> DiagnosticsOf(string annotation)
    {
        var path = new IngressPath("/path", IngressPathType.Prefix, new IngressBackend("service", new PortReference(80, null)));
        var ingress = new IngressResource(new ObjectName("default", "web"))
        {
            Annotations = Annotations.From([new(Annotations.NginxPrefix + annotation, "true")]),
            Rules = [new IngressRule("example.com", [path])],
        };
        var diagnostics = new DiagnosticCollector(ingress.Key);
        IngressAnnotations.Read(ingress, GatewaySettings.Default, diagnostics);
        return diagnostics.Diagnostics;
    }

    [Fact]
    public void All_options_are_documented_and_no_others() =>
        Assert.Equal(RunCommand.Create().Options.Select(option => option.Name).Order(), Configuration.RowsOf("## Command line").Order());

    [Fact]
    public void All_settings_are_documented_and_no_others() =>
        Assert.Equal(SettingsReader.Supported.Order(), Configuration.RowsOf("## ConfigMap").Order());

    [Fact]
    public void All_supported_annotations_are_documented_and_no_others() =>
        Assert.Equal(SupportedAnnotations.Order(), Ingress.RowsOf("## Annotations").Order());

    [Fact]
    public void All_annotations_that_close_a_route_are_documented()
    {
        var closing = KnownAnnotations.Nginx.Where(KnownAnnotations.FailsClosed).Concat(KnownAnnotations.Yarp.Where(KnownAnnotations.YarpFailsClosed));
        var documented = Ingress.Code.ToList();
        Assert.All(closing, name => Assert.Contains(documented, form =>
            form == name || (form.EndsWith('-') && name.StartsWith(form, StringComparison.Ordinal)) || (form.StartsWith('-') && name.EndsWith(form, StringComparison.Ordinal))));
    }

    [Fact]
    public void All_reasons_of_own_answers_are_documented_with_their_status()
    {
        var reasons = typeof(AnswerReason).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<AnswerReason>();
        Assert.All(reasons, reason => Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"| {reason.Status} | `{reason.Code}` |"), Ingress.Text, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_somewhere(string page) => Assert.Empty(new Page(page).BrokenLinks());
}
