using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary>What one manifest file says: its objects in document order, or the error that keeps it from being read at all.</summary>
public sealed record ManifestFile
{
    /// <summary>Where the text stops being YAML or JSON; everything else is empty then. Null: the file could be read.</summary>
    public Diagnostic? SyntaxError { get; init; }

    /// <summary>The documents, and the items of lists, that are (or should be) of a kind that the gateway reads.</summary>
    public IReadOnlyList<ManifestObject> Objects { get; init; } = [];

    /// <summary>Objects of kinds that mean nothing to the gateway.</summary>
    public IReadOnlyList<SkippedObject> Skipped { get; init; } = [];
}

/// <summary>One object of a manifest file.</summary>
/// <param name="Key">Kind, namespace and name; null when the text does not even tell these.</param>
/// <param name="Resource">The object; null when the API server would refuse it, or when it is of an apiVersion that is not served.</param>
/// <param name="Origin">Where it begins.</param>
/// <param name="Diagnostics">All that is wrong with it (of more than twenty problems, the first twenty).</param>
public sealed record ManifestObject(ResourceKey? Key, Resource? Resource, Origin Origin, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>An object that the gateway does not use, like a Deployment.</summary>
/// <param name="ApiVersion"><c>apiVersion</c> as written.</param>
/// <param name="Kind"><c>kind</c> as written.</param>
/// <param name="Origin">Where it begins.</param>
public sealed record SkippedObject(string ApiVersion, string Kind, Origin Origin);
