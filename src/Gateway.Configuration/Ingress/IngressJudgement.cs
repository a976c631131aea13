using Gateway.Configuration.Diagnostics;

namespace Gateway.Configuration.Ingress;

/// <summary>What is to be said of an Ingress before it is stored.</summary>
/// <param name="Refusals">Why it should not be: what only a change of this Ingress can cure. Empty: it may be stored.</param>
/// <param name="Warnings">What its author should know anyhow.</param>
public sealed record IngressJudgement(IReadOnlyList<Diagnostic> Refusals, IReadOnlyList<Diagnostic> Warnings)
{
    /// <summary>
    /// A path that belongs to an older Ingress is refused, as ingress-nginx does. A Service or Secret that is missing is not,
    /// since it may be applied a moment later: cert-manager makes the Secret only after the Ingress.
    /// </summary>
    internal static IngressJudgement Of(IEnumerable<Diagnostic> own, IEnumerable<Diagnostic> conflicts)
    {
        var refuses = own.Distinct().ToLookup(diagnostic => diagnostic is { Severity: DiagnosticSeverity.Error, AwaitsOther: false });
        return new IngressJudgement([.. refuses[true], .. conflicts.Distinct()], [.. refuses[false]]);
    }
}
