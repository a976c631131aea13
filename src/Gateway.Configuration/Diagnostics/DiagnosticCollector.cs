using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Diagnostics;

/// <summary>Gathers what is wrong with one object while it is translated.</summary>
/// <param name="subject">The object; null: the command line.</param>
internal sealed class DiagnosticCollector(ResourceKey? subject)
{
    private List<Diagnostic>? _diagnostics;

    /// <summary>What was gathered so far.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => _diagnostics ?? (IReadOnlyList<Diagnostic>)[];

    /// <summary>Something is served otherwise than its author may think.</summary>
    public void Warning(string field, string? value, string problem, string remedy) =>
        Add(DiagnosticSeverity.Warning, field, value, problem, remedy);

    /// <summary>Something is not served.</summary>
    public void Error(string field, string? value, string problem, string remedy) =>
        Add(DiagnosticSeverity.Error, field, value, problem, remedy);

    /// <summary>Something is not served until another object comes or changes.</summary>
    public void Awaited(string field, string? value, string problem, string remedy) =>
        Add(DiagnosticSeverity.Error, field, value, problem, remedy, awaitsOther: true);

    private void Add(DiagnosticSeverity severity, string field, string? value, string problem, string remedy, bool awaitsOther = false) =>
        (_diagnostics ??= []).Add(new Diagnostic(severity, subject, field, value, problem, remedy) { AwaitsOther = awaitsOther });
}
