using System.Globalization;
using System.Net;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>One gateway for all tests of a class, each of which adds hosts of its own.</summary>
public class SharedGateway : GatewayFixture
{
    private int _hosts;

    /// <summary>What the ConfigMap holds, as a YAML flow mapping.</summary>
    protected virtual string Settings => "{}";

    /// <summary>More options of <c>gateway run</c>.</summary>
    protected virtual string[] Arguments => [];

    /// <inheritdoc/>
    protected sealed override string[] Options => ["--configmap", "default/settings", "--log-level", "Debug", .. Arguments];

    /// <inheritdoc/>
    protected override Task WriteAsync()
    {
        Folder.Write("settings.yaml", Yaml.ConfigMap("settings", Settings));
        return Task.CompletedTask;
    }

    /// <summary>Connects to the plain listener.</summary>
    internal Task<RawConnection> DialAsync() => RawConnection.DialAsync(Gateway.HttpPort);

    /// <summary>Connects to the TLS listener.</summary>
    internal Task<RawConnection> DialTlsAsync(string host) => RawConnection.DialTlsAsync(Gateway.HttpsPort, host);

    /// <summary>Serves a new host from a backend; returns its name once it is served.</summary>
    internal Task<string> ServeAsync(int port, string? appProtocol = null, (string Name, string Value)[]? annotations = null) =>
        ServeAsync([port], appProtocol, annotations);

    /// <summary>Serves a new host from backends on several ports; returns its name once it is served.</summary>
    internal async Task<string> ServeAsync(int[] ports, string? appProtocol = null, (string Name, string Value)[]? annotations = null)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"h{Interlocked.Increment(ref _hosts)}");
        var host = name + ".test";
        var flow = string.Join(", ", (annotations ?? []).Select(a => $"nginx.ingress.kubernetes.io/{a.Name}: \"{a.Value}\""));
        Folder.Write(
            name + ".yaml",
            Yaml.Service(name, "http", appProtocol, ports)
            + Yaml.Ingress(name, host, name, annotations: $"{{{flow}}}")
            // A path of that host which the gateway answers itself: so it can be asked whether the host is served yet.
            + Yaml.Ingress(name + "-served", host, "nowhere", "/.served", "Exact"));
        await BecomesAsync($"http://{host}/.served", answer => answer.Status != HttpStatusCode.NotFound);
        return host;
    }
}
