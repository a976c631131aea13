namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>Requests that say exactly what they are.</summary>
internal static class Requests
{
    /// <summary>A request of exactly this HTTP version, whose target is sent as written.</summary>
    public static HttpRequestMessage Create(string method, string url, string version = "1.1", HttpContent? content = null) =>
        new(new HttpMethod(method), new Uri(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = new Version(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
}
