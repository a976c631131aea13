using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Objects;

/// <summary><c>discovery.k8s.io/v1</c> EndpointSlice.</summary>
internal sealed record EndpointSliceJson : ResourceJson
{
    public string? AddressType { get; init; }

    public SlicePort?[]? Ports { get; init; }

    public EndpointEntry?[]? Endpoints { get; init; }

    public override Resource ToResource(ObjectName name) => new EndpointSliceResource(name)
    {
        Service = string.IsNullOrEmpty(Metadata?.Labels?.Service) ? null : Metadata.Labels.Service,
        AddressType = AddressType ?? "IPv4",
        Ports = Map(Ports, port => new EndpointPort(string.IsNullOrEmpty(port.Name) ? null : port.Name, port.Port, port.Protocol ?? "TCP")),
        Endpoints = Map(Endpoints, endpoint => endpoint.ToEndpoint(), endpoint => endpoint.Addresses?.Length > 0),
    };

    internal sealed record SlicePort(string? Name, int? Port, string? Protocol);

    internal sealed record EndpointEntry(string?[]? Addresses, EndpointConditions? Conditions, TargetReference? TargetRef, string? Zone)
    {
        public SliceEndpoint ToEndpoint()
        {
            var ready = Conditions?.Ready ?? true;
            return new SliceEndpoint(
                Map(Addresses, address => address), ready, Conditions?.Serving ?? ready, Conditions?.Terminating ?? false, TargetRef?.Name, Zone);
        }
    }

    internal sealed record EndpointConditions(bool? Ready, bool? Serving, bool? Terminating);

    internal sealed record TargetReference(string? Name);
}
