using Gateway.Testing.ApiServer;

namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>An API server with namespace demo, and a client that shows bytes.</summary>
public abstract class RecordingTests : IAsyncLifetime
{
    internal ApiServer Api { get; private set; } = null!;
    internal Client Client { get; private set; } = null!;

    protected virtual ApiServerOptions Options => new();

    public virtual async ValueTask InitializeAsync()
    {
        Api = await ApiServer.StartAsync(Options);
        Api.Apply("{kind: Namespace, metadata: {name: demo}}");
        Client = new Client(Api);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Api.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
