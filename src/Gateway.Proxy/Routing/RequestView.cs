using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Routing;

/// <summary>What routes are matched on.</summary>
internal readonly ref struct RequestView
{
    /// <summary>As sent.</summary>
    public required string Method { get; init; }

    /// <summary>Normalized: see <see cref="PathNormalizer"/>.</summary>
    public required ReadOnlySpan<char> Path { get; init; }

    /// <summary>As sent, without the <c>?</c>.</summary>
    public ReadOnlySpan<char> Query { get; init; }

    /// <summary>Null: none.</summary>
    public IHeaderDictionary? Headers { get; init; }
}
