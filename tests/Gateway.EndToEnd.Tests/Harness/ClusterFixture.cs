using Gateway.Testing.ApiServer;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>An API server and a gateway as a process that is fed by it: shared by the tests of a class.</summary>
public class ClusterFixture : ApiServerFixture
{
    internal GatewayProcess Gateway { get; private set; } = null!;

    /// <summary>HTTP/1.1, without checking certificates or following redirects.</summary>
    internal HttpClient Client { get; private set; } = null!;

    /// <summary>More options of <c>gateway run</c>.</summary>
    protected virtual string[] Options => [];

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Gateway = await RunGatewayAsync(null, Options);
        Client = GatewayHttp.Client(Gateway);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Gateway is not null)
            await Gateway.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>GETs a URL: of whatever host, from this gateway.</summary>
    internal Task<Answer> GetAsync(string url, params (string Name, string Value)[] fields) => Client.AskAsync(url, fields);

    /// <summary>Polls a URL until the answer is as wanted.</summary>
    internal Task<Answer> BecomesAsync(string url, Func<Answer, bool> wanted) => Eventually.IsAsync(() => GetAsync(url), wanted);
}

/// <summary>The same for one test alone.</summary>
internal sealed class OwnCluster : ClusterFixture
{
    private readonly string[] _options;

    private OwnCluster(ApiServerOptions? server, string[] options)
    {
        _options = options;
        if (server is not null)
            ServerOptions = server;
    }

    /// <inheritdoc/>
    protected override string[] Options => _options;

    /// <summary>Starts one whose gateway gets these options.</summary>
    public static Task<OwnCluster> StartAsync(params string[] options) => StartAsync(null, options);

    /// <summary>Starts one with such an API server.</summary>
    public static async Task<OwnCluster> StartAsync(ApiServerOptions? server, params string[] options)
    {
        var cluster = new OwnCluster(server, options);
        await cluster.InitializeAsync();
        return cluster;
    }
}
