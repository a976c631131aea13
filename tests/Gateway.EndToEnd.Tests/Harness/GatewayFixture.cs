using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>A gateway, its folder, and an echo backend behind the Service <c>web</c>: shared by the tests of a class.</summary>
public abstract class GatewayFixture : IAsyncLifetime
{
    private readonly List<TestBackend> _backends = [];

    internal ManifestDirectory Folder { get; } = new();

    internal GatewayProcess Gateway { get; private set; } = null!;

    /// <summary>HTTP/1.1, without checking certificates or following redirects.</summary>
    internal HttpClient Client { get; private set; } = null!;

    /// <summary>The options of <c>gateway run</c> besides folder and ports.</summary>
    protected virtual string[] Options => [];

    /// <summary>Writes what is there at the start.</summary>
    protected abstract Task WriteAsync();

    /// <summary>Puts a backend behind a Service of this name, until the end of the class.</summary>
    private protected async Task ServeAsync(string service, Task<TestBackend> starting)
    {
        var backend = await starting;
        _backends.Add(backend);
        Folder.Write($"{service}.service.yaml", Yaml.Service(service, backend.Port));
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await ServeAsync("web", EchoBackend.StartAsync("web"));
        await WriteAsync();
        Gateway = await GatewayProcess.RunAsync(Folder.Path, Options);
        Client = GatewayHttp.Client(Gateway);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Gateway is not null)
            await Gateway.DisposeAsync();
        foreach (var backend in _backends)
            await backend.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>GETs a URL: of whatever host, from this gateway.</summary>
    internal Task<Answer> GetAsync(string url, params (string Name, string Value)[] fields) => Client.AskAsync(url, fields);

    /// <summary>Polls a URL until the answer is as wanted.</summary>
    internal Task<Answer> BecomesAsync(string url, Func<Answer, bool> wanted) => Eventually.IsAsync(() => GetAsync(url), wanted);
}

/// <summary>Clients that reach a gateway under any host name.</summary>
internal static class GatewayHttp
{
    /// <summary>A client whose <c>http</c> and <c>https</c> URLs all lead to the gateway's two ports. Follows no redirects.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="version">Used for every request; default HTTP/1.1.</param>
    /// <param name="trusted">The only root that certificates are believed from; null: all are believed.</param>
    public static HttpClient Client(GatewayProcess gateway, Version? version = null, X509Certificate2? trusted = null) => new(Handler(gateway, trusted))
    {
        DefaultRequestVersion = version ?? HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>What such a client sends through.</summary>
    public static SocketsHttpHandler Handler(GatewayProcess gateway, X509Certificate2? trusted = null)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            EnableMultipleHttp2Connections = true,
            ConnectCallback = (context, cancellation) => TlsClient.ConnectAsync(
                context.InitialRequestMessage.RequestUri!.Scheme is "https" or "wss" ? gateway.HttpsPort : gateway.HttpPort, cancellation),
        };
        TlsClient.Trust(handler.SslOptions, trusted);
        return handler;
    }
}
