namespace Gateway.Configuration.Diagnostics;

/// <summary>
/// The diagnostics in force. Each producer replaces its own scope as a whole (say, all that is wrong with one
/// Ingress), and the log says which problems that brought and which it cured, so that each is reported once.
/// One writer; <see cref="Current"/> may be read from any thread.
/// </summary>
public sealed class DiagnosticLog
{
    private readonly Dictionary<string, IReadOnlyList<Diagnostic>> _scopes = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<Diagnostic>? _current;
    private readonly Lock _gate = new();
    private List<(string Scope, IReadOnlyList<Diagnostic> Diagnostics)>? _held;

    /// <summary>Raised on the writer's thread when a problem appears.</summary>
    public event Action<Diagnostic>? Appeared;

    /// <summary>Raised on the writer's thread when a problem is gone.</summary>
    public event Action<Diagnostic>? Cured;

    /// <summary>All diagnostics in force, errors first, then by object and field.</summary>
    public IReadOnlyList<Diagnostic> Current
    {
        get
        {
            if (_current is { } current)
                return current;
            lock (_gate)
            {
                return _current = [.. _scopes.Values.SelectMany(d => d)
                    .OrderByDescending(d => d.Severity)
                    .ThenBy(d => d.Subject?.ToString() ?? d.Origin?.File, StringComparer.Ordinal)
                    .ThenBy(d => d.Field, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Until the result is disposed, replacements are only noted: nobody is to read of a change before it is in force.</summary>
    public IDisposable Hold()
    {
        _held = [];
        return new Release(this);
    }

    /// <summary>Puts <paramref name="diagnostics"/> in the place of all that <paramref name="scope"/> had before.</summary>
    public void Replace(string scope, IReadOnlyList<Diagnostic> diagnostics)
    {
        if (_held is not null)
        {
            _held.Add((scope, diagnostics));
            return;
        }
        IReadOnlyList<Diagnostic> before;
        lock (_gate)
        {
            before = _scopes.GetValueOrDefault(scope, []);
            if (before.Count == 0 && diagnostics.Count == 0)
                return;
            if (diagnostics.Count == 0)
                _scopes.Remove(scope);
            else
                _scopes[scope] = diagnostics;
            _current = null;
        }

        var was = before.ToHashSet();
        var now = diagnostics.ToHashSet();
        foreach (var diagnostic in was)
        {
            if (!now.Contains(diagnostic))
                Cured?.Invoke(diagnostic);
        }
        foreach (var diagnostic in now)
        {
            if (!was.Contains(diagnostic))
                Appeared?.Invoke(diagnostic);
        }
    }

    private sealed class Release(DiagnosticLog log) : IDisposable
    {
        public void Dispose()
        {
            var held = log._held ?? [];
            log._held = null;
            foreach (var (scope, diagnostics) in held)
                log.Replace(scope, diagnostics);
        }
    }
}
