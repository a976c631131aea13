using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using k8s;
using k8s.Models;

namespace Gateway.Kubernetes.Tests.Harness;

/// <summary>etcd and kube-apiserver as processes on 127.0.0.1, with an empty data folder and RBAC on. No controller runs.</summary>
internal sealed class RealCluster : Cluster
{
    private const string AdministratorToken = "administrator";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kube-apiserver-");
    private readonly List<(string Program, Process Process)> _processes = [];
    private readonly int _port = FreePort();

    public override KubernetesClientConfiguration Configuration =>
        new() { Host = $"https://127.0.0.1:{_port}", AccessToken = AdministratorToken, SkipTlsVerify = true };

    /// <param name="assets">The folder with the two programs.</param>
    public static async Task<RealCluster> StartAsync(string assets)
    {
        var cluster = new RealCluster();
        try
        {
            cluster.StartProcesses(assets);
            await cluster.BecomeReadyAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        // kube-apiserver first: without etcd it would spend its last seconds on retries.
        foreach (var (_, process) in Enumerable.Reverse(_processes))
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        _folder.Delete(recursive: true);
    }

    protected override async Task<string> TokenAsync(string ns, string serviceAccount)
    {
        var request = new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = ["https://kubernetes.default.svc"], ExpirationSeconds = 3600 } };
        var issued = await Client.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, serviceAccount, ns, cancellationToken: TestContext.Current.CancellationToken);
        return issued.Status.Token;
    }

    private void StartProcesses(string assets)
    {
        using (var key = RSA.Create(2048))
            File.WriteAllText(PathOf("service-accounts.key"), key.ExportRSAPrivateKeyPem());
        File.WriteAllText(PathOf("tokens.csv"), $"{AdministratorToken},admin,admin,\"system:masters\"\n");
        var etcd = $"http://127.0.0.1:{FreePort()}";
        Run(Path.Combine(assets, "etcd"),
            $"--data-dir={PathOf("etcd")}", $"--listen-client-urls={etcd}", $"--advertise-client-urls={etcd}", "--listen-peer-urls=http://127.0.0.1:0", "--unsafe-no-fsync");
        Run(Path.Combine(assets, "kube-apiserver"),
            $"--etcd-servers={etcd}", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", $"--secure-port={_port}", $"--cert-dir={PathOf("certificates")}",
            "--authorization-mode=RBAC", $"--token-auth-file={PathOf("tokens.csv")}", "--disable-admission-plugins=ServiceAccount", "--service-cluster-ip-range=10.96.0.0/24",
            "--service-account-issuer=https://kubernetes.default.svc", $"--service-account-key-file={PathOf("service-accounts.key")}",
            $"--service-account-signing-key-file={PathOf("service-accounts.key")}");
    }

    private async Task BecomeReadyAsync()
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", AdministratorToken);
        // The namespace "default" is made a moment after the server says that it is ready.
        await Wait.UntilAsync(
            async () =>
            {
                foreach (var (program, process) in _processes)
                {
                    if (process.HasExited)
                        throw new InvalidOperationException($"{program} ended with code {process.ExitCode}: {File.ReadAllText(LogOf(program))}");
                }
                try
                {
                    using var ready = await http.GetAsync($"https://127.0.0.1:{_port}/readyz");
                    using var home = await http.GetAsync($"https://127.0.0.1:{_port}/api/v1/namespaces/default");
                    return ready.IsSuccessStatusCode && home.IsSuccessStatusCode;
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    return false;
                }
            },
            StartTimeout);
    }

    private void Run(string program, params string[] arguments)
    {
        // Through a shell, so that nobody has to read the log for the program to go on.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" > \"$log\" 2>&1", "sh", LogOf(program), program, .. arguments]);
        _processes.Add((program, Process.Start(start)!));
    }

    private string LogOf(string program) => PathOf($"{Path.GetFileName(program)}.log");

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
