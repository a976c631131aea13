using System.Globalization;
using System.Net;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>One gateway for all tests of a class. Each test adds hosts of its own.</summary>
public class SharedGateway : IAsyncLifetime
{
    private readonly ManifestDirectory _folder = new();
    private GatewayProcess? _process;
    private int _hosts;

    /// <summary>Lines of the ConfigMap.</summary>
    protected virtual string Settings => "{}";

    /// <summary>More arguments of <c>gateway run</c>.</summary>
    protected virtual string[] Arguments => [];

    internal GatewayProcess Process => _process!;

    /// <summary>Speaks HTTP/1.1, and HTTP/2 where a request asks for it; any http or https URL leads to the gateway.</summary>
    internal HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _folder.Write("settings.yaml", Yaml.ConfigMap("settings", Settings));
        _process = await GatewayProcess.RunAsync(_folder.Path, ["--configmap", "default/settings", "--log-level", "Debug", .. Arguments]);
        Client = new HttpClient(GatewayHttp.Handler(_process)) { Timeout = TimeSpan.FromSeconds(30) };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Process.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Connects to the plain listener.</summary>
    internal Task<RawConnection> DialAsync() => RawConnection.DialAsync(Process.HttpPort);

    /// <summary>Connects to the TLS listener.</summary>
    internal Task<RawConnection> DialTlsAsync(string host) => RawConnection.DialTlsAsync(Process.HttpsPort, host);

    /// <summary>Adds manifests.</summary>
    internal void Write(string name, string manifests) => _folder.Write(name + ".yaml", manifests);

    /// <summary>Serves a new host from a backend; returns its name once it is served.</summary>
    internal Task<string> ServeAsync(int port, string? appProtocol = null, (string Name, string Value)[]? annotations = null) =>
        ServeAsync([port], appProtocol, annotations);

    /// <summary>Serves a new host from backends on several ports; returns its name once it is served.</summary>
    internal async Task<string> ServeAsync(int[] ports, string? appProtocol = null, (string Name, string Value)[]? annotations = null)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"h{Interlocked.Increment(ref _hosts)}");
        var host = name + ".test";
        var flow = string.Join(", ", (annotations ?? []).Select(a => $"nginx.ingress.kubernetes.io/{a.Name}: \"{a.Value}\""));
        Write(
            name,
            Yaml.Service(name, "http", appProtocol, ports)
            + Yaml.Ingress(name, host, name, annotations: $"{{{flow}}}")
            // A path of that host which the gateway answers itself: so it can be asked whether the host is served yet.
            + Yaml.Ingress(name + "-served", host, "nowhere", "/.served", "Exact"));
        await Eventually.IsAsync(
            async () =>
            {
                using var answer = await Client.GetAsync(new Uri($"http://{host}/.served"));
                return answer.StatusCode;
            },
            status => status != HttpStatusCode.NotFound);
        return host;
    }
}
