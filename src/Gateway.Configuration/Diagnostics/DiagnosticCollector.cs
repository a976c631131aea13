using System.Globalization;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Diagnostics;

/// <summary>
/// Gathers what is wrong with one object while it is translated. Of each sort only the first are listed and the rest counted:
/// one object with thousands of faults must cost the others no time.
/// </summary>
/// <param name="subject">The object; null: the command line.</param>
internal sealed class DiagnosticCollector(ResourceKey? subject)
{
    /// <summary>How many of one sort are listed.</summary>
    private const int Most = 20;

    private List<Diagnostic>? _listed;
    private int _errors;
    private int _awaited;
    private int _warnings;

    /// <summary>What was gathered so far.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics =>
        (_listed, _errors > Most || _awaited > Most || _warnings > Most) switch
        {
            (null, _) => [],
            ({ } listed, false) => listed,
            ({ } listed, true) => [.. listed, .. Unlisted()],
        };

    /// <summary>Something is served otherwise than its author may think.</summary>
    public void Warning(string field, string? value, string problem, string remedy)
    {
        if (_warnings++ < Most)
            Add(DiagnosticSeverity.Warning, field, value, problem, remedy);
    }

    /// <summary>A name has no effect since it is none of <paramref name="known"/>; the nearest of them is proposed.</summary>
    public void Unknown(string field, string? value, string problem, string name, IEnumerable<string> known)
    {
        if (_warnings++ < Most)
        {
            Add(DiagnosticSeverity.Warning, field, value, problem,
                Spelling.Nearest(name, known) is { } nearest ? $"Write \"{nearest}\" if that is meant" : "Remove it");
        }
    }

    /// <summary>Something is not served.</summary>
    public void Error(string field, string? value, string problem, string remedy)
    {
        if (_errors++ < Most)
            Add(DiagnosticSeverity.Error, field, value, problem, remedy);
    }

    /// <summary>Something is not served until another object comes or changes.</summary>
    public void Awaited(string field, string? value, string problem, string remedy)
    {
        if (_awaited++ < Most)
            Add(DiagnosticSeverity.Error, field, value, problem, remedy, awaitsOther: true);
    }

    private void Add(DiagnosticSeverity severity, string field, string? value, string problem, string remedy, bool awaitsOther = false) =>
        (_listed ??= []).Add(new Diagnostic(severity, subject, field, value, problem, remedy) { AwaitsOther = awaitsOther });

    private IEnumerable<Diagnostic> Unlisted()
    {
        if (_errors > Most)
            yield return Rest(DiagnosticSeverity.Error, _errors, "errors");
        if (_awaited > Most)
            yield return Rest(DiagnosticSeverity.Error, _awaited, "errors that another object may cure") with { AwaitsOther = true };
        if (_warnings > Most)
            yield return Rest(DiagnosticSeverity.Warning, _warnings, "warnings");
    }

    private Diagnostic Rest(DiagnosticSeverity severity, int count, string what) => new(
        severity, subject, "", null, string.Create(CultureInfo.InvariantCulture, $"{count - Most} more {what} are not listed"), "Mend the listed ones first");
}
