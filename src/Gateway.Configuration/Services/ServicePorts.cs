using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Services;

/// <summary>Finds the port of a Service that a backend means.</summary>
internal static class ServicePorts
{
    /// <summary>The protocol that HTTP needs.</summary>
    public const string Tcp = "TCP";

    /// <summary>
    /// The TCP port whose number or name is <paramref name="port"/>, else the one whose targetPort reads so:
    /// the Kubernetes API knows only the former, ingress-nginx takes both.
    /// </summary>
    public static ServicePort? Find(ServiceResource service, PortReference port)
    {
        ServicePort? byTarget = null;
        foreach (var candidate in service.Ports)
        {
            if (candidate.Protocol != Tcp)
                continue;
            if (port.Name is null ? candidate.Port == port.Number : candidate.Name == port.Name)
                return candidate;
            if (candidate.TargetPort == port && !port.IsEmpty)
                byTarget ??= candidate;
        }
        return byTarget;
    }

    /// <summary>The first TCP port, or null.</summary>
    public static ServicePort? First(ServiceResource service)
    {
        foreach (var port in service.Ports)
        {
            if (port.Protocol == Tcp)
                return port;
        }
        return null;
    }

    /// <summary>The ports as people read them: <c>80 (http), 443</c>.</summary>
    public static string Describe(ServiceResource service) =>
        string.Join(", ", service.Ports.Select(port =>
            $"{port.Port}{(port.Name is null ? "" : $" ({port.Name})")}{(port.Protocol == Tcp ? "" : $" {port.Protocol}")}"));

    /// <summary>What the port's endpoints speak, by its <c>appProtocol</c> (KEP-3726 names, and the bare ones that ingress controllers take).</summary>
    public static BackendProtocol ProtocolOf(ServicePort port) => port.AppProtocol?.ToLowerInvariant() switch
    {
        "kubernetes.io/h2c" or "grpc" => BackendProtocol.Http2,
        "kubernetes.io/wss" or "https" => BackendProtocol.Https,
        _ => BackendProtocol.Http,
    };
}
