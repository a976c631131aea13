namespace Gateway.Testing.ApiServer;

/// <summary>One request, in the words of RBAC.</summary>
public sealed class ApiCall
{
    /// <summary>get, list, watch, create, update, patch or delete.</summary>
    public required string Verb { get; init; }

    /// <summary>The API group, empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>The plural, such as ingresses.</summary>
    public required string Resource { get; init; }

    /// <summary>status, or null for the object itself.</summary>
    public string? Subresource { get; init; }

    /// <summary>The namespace in the path, or null.</summary>
    public string? Namespace { get; init; }

    /// <summary>The name in the path, or null.</summary>
    public string? Name { get; init; }

    /// <summary>The query as sent, without the question mark.</summary>
    public required string Query { get; init; }

    /// <summary>The User-Agent header, or empty.</summary>
    public required string UserAgent { get; init; }

    /// <summary>The Accept header, or empty.</summary>
    public required string Accept { get; init; }

    /// <summary>The answer's HTTP status; 0 until it is known.</summary>
    public int Status { get; internal set; }

    /// <summary>resource, or resource/subresource, as RBAC rules name it.</summary>
    public string Target => Subresource is null ? Resource : $"{Resource}/{Subresource}";

    /// <inheritdoc/>
    public override string ToString() => $"{Status} {Verb} {Target}.{Group} {Namespace}/{Name}?{Query}";
}
