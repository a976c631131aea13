using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests.Harness;
using Gateway.Testing.ApiServer;
using Microsoft.AspNetCore.Http;

namespace Gateway.Benchmarks.InCluster;

/// <summary>
/// An API server with as many objects as wanted, and two backends in this process: the Service <c>live</c> leads to them,
/// by port 80 to the one and by 8080 to the other. All other Services have four endpoints that nothing is sent to.
/// </summary>
internal sealed class BenchmarkCluster : IAsyncDisposable
{
    private const int IngressesOfService = 5;
    private const int IngressesOfSecret = 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-benchmark-").FullName;
    private readonly TestBackend _first;
    private readonly TestBackend _second;
    private int _version;

    private BenchmarkCluster(ApiServer api, TestBackend first, TestBackend second)
    {
        (Api, _first, _second) = (api, first, second);
        Kubeconfig = api.WriteKubeconfig(Path.Combine(_folder, "kubeconfig"));
    }

    public ApiServer Api { get; }

    public string Kubeconfig { get; }

    /// <summary>How many Ingresses of the gateway's class there are, without those that are made one by one.</summary>
    public int Ingresses { get; private set; }

    public static async Task<BenchmarkCluster> StartAsync()
    {
        var cluster = new BenchmarkCluster(
            await ApiServer.StartAsync(new ApiServerOptions { AllowLoopbackEndpoints = true, HistoryLimit = 4_000 }), await BackendAsync("a"), await BackendAsync("b"));
        cluster.Put(Objects.Class(Objects.OwnClass, "gateway.yarp/ingress-controller"));
        cluster.Put(Objects.Class("foreign", "example.com/another"));
        cluster.Put(Objects.Service("live"));
        cluster.Put(Objects.Slice("live", cluster._first.Port, cluster._second.Port, "127.0.0.1"));
        cluster.Put(Objects.Ingress("live", "live"));
        return cluster;
    }

    public void Put(JsonObject obj) => Api.Put(obj);

    /// <summary>Makes it so many Ingresses, with a Service for each five of them and a Secret for each twenty (a half of them have TLS).</summary>
    public void Grow(int ingresses)
    {
        for (; Ingresses < ingresses; Ingresses++)
        {
            if (Ingresses % IngressesOfService == 0)
            {
                Put(Objects.Service(ServiceOf(Ingresses)));
                ReplacePod(Ingresses);
            }
            if (Ingresses % IngressesOfSecret == 0)
                Put(Objects.Secret(SecretOf(Ingresses)));
            PutRoute(Ingresses, "/api");
        }
    }

    /// <summary>Gives an Ingress's first path another prefix.</summary>
    public void ChangeRoute(int ingress) => PutRoute(ingress, Text($"/v{_version++}"));

    /// <summary>Changes what nobody uses of an Ingress.</summary>
    public void Touch(int ingress) => PutRoute(ingress, "/api", _version++);

    /// <summary>Gives the Service of an Ingress another endpoint in the place of one.</summary>
    public void ReplacePod(int ingress)
    {
        var service = ingress / IngressesOfService;
        var subnet = Text($"10.{service / 250}.{service % 250}.");
        Put(Objects.Slice(ServiceOf(ingress), 8080, 9090, [subnet + "1", subnet + "2", subnet + "3", Text($"{subnet}{4 + _version++ % 250}")]));
    }

    /// <summary>Replaces 50 pods a second and changes a route a second, until cancelled.</summary>
    public async Task ChurnAsync(CancellationToken stop)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            for (var tick = 0; ; tick++)
            {
                await pace.WaitForNextTickAsync(stop);
                if (Ingresses == 0)
                    continue;
                ReplacePod(Random.Shared.Next(Ingresses));
                if (tick % 50 == 0)
                    ChangeRoute(Random.Shared.Next(Ingresses));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A port that nobody listens on.</summary>
    public static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return Text($"{((IPEndPoint)listener.LocalEndpoint).Port}");
    }

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void PutRoute(int ingress, string path, int revision = 0) => Put(Objects.Ingress(
        Text($"site-{ingress}"), ServiceOf(ingress), path, secret: ingress % 2 == 0 ? SecretOf(ingress) : null, revision: revision));

    private static string ServiceOf(int ingress) => Text($"service-{ingress / IngressesOfService}");

    private static string SecretOf(int ingress) => Text($"secret-{ingress / IngressesOfSecret}");

    /// <summary>Answers its name; sends a WebSocket's messages back.</summary>
    private static Task<TestBackend> BackendAsync(string name) => TestBackend.StartAsync(async context =>
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await context.Response.WriteAsync(name);
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[256];
        while (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } message)
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, CancellationToken.None);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    });
}
