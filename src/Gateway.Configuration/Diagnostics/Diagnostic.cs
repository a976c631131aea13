using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Diagnostics;

/// <summary>How much a diagnostic matters.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Something is served otherwise than its author may think.</summary>
    Warning,

    /// <summary>Something is not served.</summary>
    Error,
}

/// <summary>A place in a file. Lines and columns count from 1; 0 means unknown.</summary>
public sealed record Origin(string File, int Line = 0, int Column = 0)
{
    /// <summary><c>file:line:column</c>, as compilers print it.</summary>
    public override string ToString() =>
        Line == 0 ? File : Column == 0 ? $"{File}:{Line}" : $"{File}:{Line}:{Column}";
}

/// <summary>
/// What is wrong with one object, and what to do about it. Two diagnostics are the same problem when they
/// differ in nothing but the origin (a line that moved is no new problem).
/// </summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Subject">The object concerned; null when a file is not even readable as objects.</param>
/// <param name="Field">Path of the field, as <c>kubectl explain</c> writes it: <c>spec.rules[0].http.paths[1].path</c>. Empty: the whole object or file.</param>
/// <param name="Value">What stands there now; null when that says nothing.</param>
/// <param name="Problem">What is wrong: a sentence without a full stop.</param>
/// <param name="Remedy">What to do: a sentence without a full stop.</param>
public sealed record Diagnostic(
    DiagnosticSeverity Severity, ResourceKey? Subject, string Field, string? Value, string Problem, string Remedy)
{
    private const int LongestValue = 120;

    /// <summary>Whether another object that does not exist yet would cure it, without a change of this one.</summary>
    public bool AwaitsOther { get; init; }

    /// <summary>Where the object, or better the field, was read; null when it came from the API.</summary>
    public Origin? Origin { get; init; }

    /// <inheritdoc/>
    public bool Equals(Diagnostic? other) =>
        other is not null && Severity == other.Severity && Subject == other.Subject && Field == other.Field
        && Value == other.Value && Problem == other.Problem && Remedy == other.Remedy
        && (Subject is not null || Origin?.File == other.Origin?.File);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Subject, Field, Value, Problem);

    /// <summary>One line for a log: object, origin, field, value, problem, remedy. Long values are cut, control characters escaped.</summary>
    public override string ToString()
    {
        var where = (Subject, Origin) switch
        {
            ({ } key, { } origin) => $"{key} ({origin})",
            ({ } key, null) => key.ToString(),
            (null, { } origin) => origin.ToString(),
            _ => "gateway",
        };
        var field = Field.Length == 0 ? "" : $" {Field}";
        var value = Value is null ? "" : $" = \"{Printable(Value)}\"";
        return Escape($"{where}{(field.Length + value.Length > 0 ? ":" : "")}{field}{value}: {Problem}. {Remedy}.");
    }

    /// <summary><paramref name="value"/> fit for one line: control characters escaped, cut to 120 characters.</summary>
    public static string Printable(string value) =>
        Escape(value.Length > LongestValue ? $"{value.AsSpan(0, LongestValue)}… ({value.Length} characters)" : value);

    private static string Escape(string text) =>
        text.Any(BreaksLine) ? string.Concat(text.Select(c => BreaksLine(c) ? $"\\u{(int)c:x4}" : c.ToString())) : text;

    // Unicode has two line ends that are no control characters.
    private static bool BreaksLine(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';
}
