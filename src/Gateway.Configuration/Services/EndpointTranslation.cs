using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Services;

/// <summary>Makes the endpoints of a service port from its Service and EndpointSlices.</summary>
internal static class EndpointTranslation
{
    /// <summary>The endpoints of <paramref name="key"/>; none, without a diagnostic, when the Service or its port does not exist: the routes that name it say so.</summary>
    /// <param name="key">The service port.</param>
    /// <param name="service">Its Service, or null when there is none.</param>
    /// <param name="slices">The Service's EndpointSlices.</param>
    /// <param name="manifestMode">Whether <c>externalIPs</c> stand in for missing EndpointSlices, and loopback names may be dialled.</param>
    /// <param name="diagnostics">Takes what is wrong with the Service.</param>
    public static ServiceEndpoints Translate(
        ServicePortKey key, ServiceResource? service, IReadOnlyList<EndpointSliceResource> slices, bool manifestMode, DiagnosticCollector diagnostics)
    {
        if (service is null)
            return new ServiceEndpoints(key, []);
        if (service.ExternalName is { } name)
            return new ServiceEndpoints(key, External(key, service, name, manifestMode, diagnostics));
        if (ServicePorts.Find(service, key.Port) is not { } port)
            return new ServiceEndpoints(key, []);

        var addresses = Distinct(manifestMode && slices.Count == 0
            ? service.ExternalIps.Select(address => new EndpointAddress(address, port.Port))
            : FromSlices(port, slices));
        if (addresses.Count == 0)
        {
            diagnostics.Warning("", null, $"port {port.Port} has no ready endpoint, so no request reaches it", NoEndpointRemedy(manifestMode, slices));
        }
        return new ServiceEndpoints(key, addresses);
    }

    private static string NoEndpointRemedy(bool manifestMode, IReadOnlyList<EndpointSliceResource> slices) => (manifestMode, slices.Count) switch
    {
        (true, 0) => "Add an EndpointSlice with the label kubernetes.io/service-name, or spec.externalIPs, or make it one of type ExternalName",
        (_, 0) => "Check that the Service's selector matches pods",
        _ => "Check that pods are ready and that the EndpointSlices' port has the Service port's name and protocol TCP",
    };

    private static EquatableArray<EndpointAddress> External(
        ServicePortKey key, ServiceResource service, string name, bool manifestMode, DiagnosticCollector diagnostics)
    {
        if (ExternalNames.Judge(name, local: manifestMode) is { } problem)
        {
            diagnostics.Error("spec.externalName", name, problem, "Write the DNS name of a host");
            return [];
        }
        if (ServicePorts.Find(service, key.Port) is { } port)
            return [new EndpointAddress(name, port.TargetPort.Number is > 0 and var target ? target : port.Port)];
        return service.Ports.Count == 0 && key.Port.Number > 0 ? [new EndpointAddress(name, key.Port.Number)] : [];
    }

    private static IEnumerable<EndpointAddress> FromSlices(ServicePort port, IReadOnlyList<EndpointSliceResource> slices)
    {
        foreach (var slice in slices)
        {
            foreach (var slicePort in slice.Ports)
            {
                if (slicePort.Protocol != ServicePorts.Tcp || (slicePort.Name ?? "") != (port.Name ?? "") || slicePort.Port is not { } number)
                    continue;
                foreach (var endpoint in slice.Endpoints)
                {
                    if (ConditionOf(endpoint) is { } condition && endpoint.Addresses.Count > 0)
                        yield return new EndpointAddress(endpoint.Addresses[0], number, condition, endpoint.Pod, endpoint.Zone);
                }
            }
        }
    }

    private static EndpointCondition? ConditionOf(SliceEndpoint endpoint) => endpoint switch
    {
        { Ready: true } => EndpointCondition.Ready,
        { Serving: true, Terminating: true } => EndpointCondition.Draining,
        _ => null,
    };

    /// <summary>One entry an address and port, the ready one where several slices tell of it, in an order that does not depend on that of the slices.</summary>
    private static EquatableArray<EndpointAddress> Distinct(IEnumerable<EndpointAddress> addresses) =>
        addresses
            .OrderBy(address => address.Host, StringComparer.Ordinal)
            .ThenBy(address => address.Port)
            .ThenBy(address => address.Condition)
            .ThenBy(address => address.Pod, StringComparer.Ordinal)
            .ThenBy(address => address.Zone, StringComparer.Ordinal)
            .DistinctBy(address => (address.Host, address.Port))
            .ToEquatableArray();
}
