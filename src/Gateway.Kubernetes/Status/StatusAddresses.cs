using System.Text.Json;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;
using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes.Status;

/// <summary>Where the addresses in the status come from. Flags as in ingress-nginx.</summary>
public sealed record StatusAddressOptions
{
    /// <summary><c>--publish-status-address</c>: IP addresses or host names, as they are.</summary>
    public EquatableArray<string> Addresses { get; init; }

    /// <summary><c>--publish-service</c>: the Service that leads to the gateway; null: the nodes that run its pods.</summary>
    public ObjectName? Service { get; init; }

    /// <summary><c>--report-node-internal-ip-address</c>: nodes by their InternalIP, even when they have an ExternalIP.</summary>
    public bool NodeInternalIp { get; init; }

    /// <summary>The pod of this process; null: it does not run in a cluster.</summary>
    public ObjectName? Pod { get; init; }
}

/// <summary>Finds out by which addresses clients reach the gateway.</summary>
/// <param name="api">The API server.</param>
/// <param name="options">Where they come from.</param>
/// <param name="logger">Hears why they cannot be found out.</param>
public sealed partial class StatusAddresses(ApiClient api, StatusAddressOptions options, ILogger logger)
{
    private string? _problem;

    /// <summary>The addresses as they are now; null or empty: not known, so what stands in the status should stay.</summary>
    internal async Task<EquatableArray<LoadBalancerAddress>?> ReadAsync(CancellationToken cancellation)
    {
        if (options.Addresses.Count > 0)
            return LoadBalancerAddress.Ordered(options.Addresses);
        if (options is { Service: null, Pod: null })
        {
            Complain("outside of a cluster, give --publish-service or --publish-status-address");
            return null;
        }
        try
        {
            var addresses = options.Service is { } service
                ? OfService(await api.GetAsync(ApiResource.Services.PathOf(service), cancellation))
                : await OfNodesAsync(new GatewayPods(api, options.Pod!.Value), cancellation);
            _problem = null;
            return addresses;
        }
        catch (Exception e) when (e.IsApiFailure(cancellation))
        {
            Complain(e.Message);
            return null;
        }
    }

    private void Complain(string problem)
    {
        if (problem != _problem)
            Log.Unknown(logger, _problem = problem);
    }

    /// <summary>By the Service's type, as ingress-nginx does.</summary>
    private static EquatableArray<LoadBalancerAddress> OfService(JsonElement service)
    {
        var external = service.Items("spec", "externalIPs").Select(ip => ip.GetString() ?? "");
        string[] cluster = service.Text("spec", "clusterIP") is { } ip and not "None" ? [ip] : [];
        return service.Text("spec", "type") switch
        {
            "LoadBalancer" => LoadBalancerAddress.Ordered(LoadBalancerAddress.Read(service).Select(address => address.Value).Concat(external)),
            "NodePort" => LoadBalancerAddress.Ordered(external.Any() ? external : cluster),
            "ExternalName" => LoadBalancerAddress.Ordered([service.Text("spec", "externalName") ?? ""]),
            _ => LoadBalancerAddress.Ordered(cluster),
        };
    }

    private async Task<EquatableArray<LoadBalancerAddress>> OfNodesAsync(GatewayPods pods, CancellationToken cancellation)
    {
        List<string> addresses = [];
        foreach (var node in (await pods.ListAsync(cancellation)).Where(pod => pod.IsReady).Select(pod => pod.Node).Distinct())
            addresses.Add(OfNode(await api.GetAsync(ApiResource.Nodes.PathOf(new ObjectName("", node)), cancellation)));
        return LoadBalancerAddress.Ordered(addresses);
    }

    private string OfNode(JsonElement node)
    {
        return (options.NodeInternalIp ? null : First("ExternalIP")) ?? First("InternalIP") ?? "";

        string? First(string type) => node.Items("status", "addresses")
            .Where(address => address.Text("type") == type).Select(address => address.Text("address")).FirstOrDefault(address => address is { Length: > 0 });
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The gateway's addresses are not known, so the status of Ingresses stays as it is: {Reason}")]
        public static partial void Unknown(ILogger logger, string reason);
    }
}
