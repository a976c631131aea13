using System.Globalization;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary>Collects what is wrong with one object, all of it, but no endless list.</summary>
internal sealed class ObjectProblems(ResourceKey? subject, Origin origin)
{
    private const int Most = 20;

    private readonly List<Diagnostic> _diagnostics = [];
    private readonly HashSet<string> _fields = new(StringComparer.Ordinal);
    private int _left;

    /// <summary>Whether the API server would refuse the object.</summary>
    public bool Refused { get; private set; }

    /// <summary>Whether a problem of this field has been added.</summary>
    public bool Concern(Field field) => _fields.Contains(field.Path);

    public void Add(DiagnosticSeverity severity, Field field, string? value, string problem, string remedy)
    {
        Refused |= severity == DiagnosticSeverity.Error;
        var path = field.Path;
        // One problem a field: the second is mostly a consequence of the first.
        if (!_fields.Add(path))
            return;
        if (_diagnostics.Count == Most)
        {
            _left++;
            return;
        }
        // What a Secret holds must not reach a log, not even when it stands in the wrong place.
        var shown = subject is { Kind: ResourceKind.Secret } && !field.IsWithin("metadata") && path is not ("type" or "kind" or "apiVersion") ? null : value;
        _diagnostics.Add(new Diagnostic(severity, subject, path, shown, problem, remedy)
        {
            Origin = origin with { Line = field.Line, Column = field.Column },
        });
    }

    public IReadOnlyList<Diagnostic> ToList()
    {
        if (_left > 0)
        {
            _diagnostics.Add(new Diagnostic(
                Refused ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning, subject, "", null,
                string.Create(CultureInfo.InvariantCulture, $"{_left} more problems are not listed"), "Mend the listed ones first")
            {
                Origin = origin,
            });
        }
        return _diagnostics;
    }
}
