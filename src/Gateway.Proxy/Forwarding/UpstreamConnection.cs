using System.Net;
using Gateway.Proxy.Endpoints;

namespace Gateway.Proxy.Forwarding;

/// <summary>What a handler must know of the request that it opens a connection for.</summary>
/// <param name="Endpoint">Where to.</param>
/// <param name="ConnectTimeout">How long that may take.</param>
/// <param name="EmptyContent">Content fields of a request without content; null when there are none.</param>
internal sealed record UpstreamConnection(Endpoint Endpoint, TimeSpan ConnectTimeout, EmptyContent? EmptyContent)
{
    public static readonly HttpRequestOptionsKey<UpstreamConnection> Key = new("gateway.upstream");
}

/// <summary>No content, but possibly fields that describe it.</summary>
internal sealed class EmptyContent : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return true;
    }
}
