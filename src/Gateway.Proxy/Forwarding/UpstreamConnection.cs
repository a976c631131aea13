using Gateway.Proxy.Endpoints;

namespace Gateway.Proxy.Forwarding;

/// <summary>What a handler must know of a request that it sends, and of the connection that it opens for it.</summary>
/// <param name="endpoint">Where to.</param>
/// <param name="timeout">How long opening a connection may take.</param>
/// <param name="content">The request's content; null when it has none.</param>
internal sealed class UpstreamConnection(Endpoint endpoint, TimeSpan timeout, HttpContent? content)
{
    public static readonly HttpRequestOptionsKey<UpstreamConnection> Key = new("gateway.upstream");

    private volatile bool _isOpening;

    public Endpoint Endpoint { get; } = endpoint;

    public TimeSpan Timeout { get; } = timeout;

    public HttpContent? Content { get; } = content;

    /// <summary>Whether a connection is being opened for the request.</summary>
    public bool IsOpening { get => _isOpening; set => _isOpening = value; }

    /// <summary>Whether the request may be on its way, as far as that matters: one that may be repeated without harm never counts as sent.</summary>
    public bool IsSent => Content is EmptyContent { IsSent: true };

    /// <summary>Finds that of <paramref name="request"/>.</summary>
    /// <exception cref="InvalidOperationException">The request was not made by this gateway.</exception>
    public static UpstreamConnection Of(HttpRequestMessage request) =>
        request.Options.TryGetValue(Key, out var connection)
            ? connection
            : throw new InvalidOperationException("the request was not made by this gateway");
}
