using System.Net;
using Gateway.Benchmarks.Comparison.Backends;
using Gateway.Benchmarks.Comparison.Generators;
using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;
using Gateway.Benchmarks.InCluster;
using Gateway.Testing.ApiServer;

namespace Gateway.Benchmarks.Comparison.Cases;

/// <summary>
/// A constant rate of requests to the gateway in a cluster, in quiet and while 50 endpoint changes and 5 route changes a
/// second flow: half of the first and one of the others to what is under load.
/// </summary>
internal static class Changes
{
    private const double Rate = 3_000;
    private const int Connections = 64;
    private const int OtherServices = 100;

    private static readonly IPAddress SecondAddress = IPAddress.Parse("127.0.0.2");

    public static async Task RunAsync(CaseRun run)
    {
        await using var backend = new LeanBackend(SecondAddress);
        await using var api = await ApiServer.StartAsync(new ApiServerOptions { AllowLoopbackEndpoints = true, HistoryLimit = 4_000 });
        Fill(api, backend.EndPoint.Port);
        var folder = Directory.CreateTempSubdirectory("gateway-cluster-");
        try
        {
            var kubeconfig = api.WriteKubeconfig(Path.Combine(folder.FullName, "kubeconfig"));
            await using var peers = await run.StartAsync(new PeerSetup(backend.EndPoint, Cores.One), new ClusterGateway(kubeconfig));
            var gateway = peers.Single();
            Task<LoadResult> Quiet(TimeSpan duration) => backend.LoadAsync(gateway, [PeerSetup.Host(0)], Connections, duration, Rate);
            await Contest.RunAsync(
                run.Table, ResultTable.Text($"{Rate:#,0} requests/s, {Connections} connections"),
                [
                    new Contestant("gateway, quiet", gateway, Quiet),
                    new Contestant("gateway, 55 changes/s", gateway, duration => MeanwhileAsync(api, backend.EndPoint.Port, Quiet(duration))),
                ],
                Cores.One, run.Effort, note: P99);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string P99(IReadOnlyList<Turn> turns, IReadOnlyList<Turn> quiet) => ReferenceEquals(turns, quiet)
        ? ""
        : ResultTable.Text($"p99 {ResultTable.Quantile([.. turns.Zip(quiet, (turn, other) => turn.Load.P99 / other.Load.P99).Order()], 0.5):0.00} × quiet");

    private static async Task<LoadResult> MeanwhileAsync(ApiServer api, int port, Task<LoadResult> load)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var tick = 0; !load.IsCompleted; tick++)
        {
            await pace.WaitForNextTickAsync();
            if (tick % 2 == 0)
                api.Put(LiveSlice(port, both: tick % 4 == 0));
            else
                api.Put(OtherSlice(tick % OtherServices, tick));
            if (tick % 10 == 0)
                api.Put(Objects.Ingress(tick % 50 == 0 ? "site-0" : Site(tick % OtherServices + 1), "live", ResultTable.Text($"/v{tick}")));
        }
        return await load;
    }

    private static void Fill(ApiServer api, int port)
    {
        api.Put(Objects.Class(Objects.OwnClass, "gateway.yarp/ingress-controller"));
        api.Put(Objects.Service("live"));
        api.Put(LiveSlice(port, both: true));
        api.Put(Objects.Ingress("site-0", "live"));
        for (var i = 0; i < OtherServices; i++)
        {
            api.Put(Objects.Service(Other(i)));
            api.Put(OtherSlice(i, 0));
            api.Put(Objects.Ingress(Site(i + 1), Other(i)));
        }
    }

    private static System.Text.Json.Nodes.JsonObject LiveSlice(int port, bool both) =>
        Objects.Slice("live", port, port, both ? ["127.0.0.1", SecondAddress.ToString()] : ["127.0.0.1"]);

    private static System.Text.Json.Nodes.JsonObject OtherSlice(int service, int version) =>
        Objects.Slice(Other(service), 8080, 9090, "10.1.0.1", ResultTable.Text($"10.1.1.{version % 250 + 1}"));

    private static string Other(int service) => ResultTable.Text($"other-{service}");

    private static string Site(int site) => ResultTable.Text($"site-{site}");

    private sealed class ClusterGateway(string kubeconfig) : Peer
    {
        public override string Name => "gateway in a cluster";

        public override PeerCommand Prepare(PeerSetup setup, int port, string folder) => GatewayProgram.Command(
            port, ["--kubeconfig", kubeconfig, "--allow-local-addresses", "--publish-status-address", Objects.Address], "");
    }
}
