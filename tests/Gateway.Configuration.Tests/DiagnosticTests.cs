using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Tests;

public sealed class DiagnosticTests
{
    private static readonly ResourceKey Web = new(ResourceKind.Ingress, new ObjectName("shop", "web"));

    private static Diagnostic PathProblem(int line = 7) =>
        new(DiagnosticSeverity.Error, Web, "spec.rules[0].http.paths[0].path", "foo", "the path does not start with a slash", "Write \"/foo\"")
        {
            Origin = new Origin("shop.yaml", line),
        };

    [Fact]
    public void A_diagnostic_names_object_origin_field_value_problem_and_remedy() =>
        Assert.Equal(
            "Ingress shop/web (shop.yaml:7): spec.rules[0].http.paths[0].path = \"foo\": the path does not start with a slash. Write \"/foo\".",
            PathProblem().ToString());

    [Fact]
    public void A_diagnostic_on_a_whole_file_begins_with_its_place() =>
        Assert.Equal(
            "shop.yaml:7:1: this is not YAML. Mend it.",
            new Diagnostic(DiagnosticSeverity.Error, null, "", null, "this is not YAML", "Mend it") { Origin = new Origin("shop.yaml", 7, 1) }.ToString());

    [Fact]
    public void A_value_cannot_forge_a_log_line()
    {
        var text = (PathProblem() with { Value = "a\r\nIngress shop/web: fine" + new string('x', 500) }).ToString();
        Assert.DoesNotContain('\n', text);
        Assert.DoesNotContain('\r', text);
        Assert.True(text.Length < 400, text);
    }

    [Fact]
    public void Names_within_the_problem_cannot_forge_a_log_line_either()
    {
        var text = (PathProblem() with { Problem = "the path /a\nb\u2028c\u0085d belongs to another" }).ToString();
        Assert.Contains(@"/a\u000ab\u2028c\u0085d belongs", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_held_back_is_reported_when_it_is_released()
    {
        var log = new DiagnosticLog();
        List<Diagnostic> seen = [];
        log.Appeared += seen.Add;

        using (log.Hold())
        {
            log.Replace("a", [PathProblem()]);
            Assert.Empty(log.Current);
            Assert.Empty(seen);
        }

        Assert.Equal([PathProblem()], log.Current);
        Assert.Equal([PathProblem()], seen);
    }

    [Fact]
    public void Each_problem_is_reported_once_when_it_appears_and_once_when_it_is_cured()
    {
        var log = new DiagnosticLog();
        List<string> seen = [];
        log.Appeared += d => seen.Add("appeared " + d.Field);
        log.Cured += d => seen.Add("cured " + d.Field);

        log.Replace("a", [PathProblem()]);
        log.Replace("a", [PathProblem(line: 9)]);
        log.Replace("b", []);
        Assert.Single(log.Current);
        log.Replace("a", []);

        Assert.Equal(["appeared spec.rules[0].http.paths[0].path", "cured spec.rules[0].http.paths[0].path"], seen);
        Assert.Empty(log.Current);
    }
}
