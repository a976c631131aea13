using Gateway.Configuration.Diagnostics;

namespace Gateway.Configuration.Resources;

/// <summary>One batch that a source hands to the control loop; batches are applied in the order in which they were made.</summary>
public sealed record SourceUpdate
{
    /// <summary>The objects that appeared, changed or vanished; at most one entry a key.</summary>
    public IReadOnlyList<ResourceChange> Changes { get; init; } = [];

    /// <summary>Scopes of <see cref="DiagnosticLog"/> that the source replaces; the source prefixes them with its own name.</summary>
    public IReadOnlyList<DiagnosticScope> Diagnostics { get; init; } = [];

    /// <summary>Whether everything that existed when the source started has now been handed over: the gateway may call itself ready.</summary>
    public bool Synced { get; init; }
}

/// <summary>All that is wrong within one scope; empty when nothing is.</summary>
public sealed record DiagnosticScope(string Name, IReadOnlyList<Diagnostic> Diagnostics);
