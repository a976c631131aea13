namespace Gateway.Testing.ApiServer;

/// <summary>How the server behaves where real ones differ, or where a test must not wait.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Serve HTTPS (HTTP/1.1 and HTTP/2) with a certificate of its own; the kubeconfig trusts it.</summary>
    public bool Tls { get; init; }

    /// <summary>Demand bearer tokens and check RBAC objects. Off: everybody may do everything.</summary>
    public bool Rbac { get; init; }

    /// <summary>Accept loopback addresses in EndpointSlices, which real servers refuse, so that traffic can flow in a test.</summary>
    public bool AllowLoopbackEndpoints { get; init; }

    /// <summary>How often a watch gets a bookmark; a real server's is about a minute.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many changes of a kind are kept for watches and pages that start in the past.</summary>
    public int HistoryLimit { get; init; } = 50_000;

    /// <summary>The clock of timestamps, token lifetimes, bookmarks and timeoutSeconds.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
