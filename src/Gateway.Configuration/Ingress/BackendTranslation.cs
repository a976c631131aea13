using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Services;

namespace Gateway.Configuration.Ingress;

/// <summary>Finds the service ports that the backends of one Ingress mean. What is wrong with one is said once, however many paths lead there.</summary>
/// <param name="ns">The Ingress's namespace: its backends cannot leave it.</param>
/// <param name="services">Finds a Service.</param>
/// <param name="protocol">What the Ingress says its endpoints speak; null: what the Service says.</param>
/// <param name="diagnostics">Takes what is wrong.</param>
internal sealed class BackendTranslation(
    string ns, Func<ObjectName, ServiceResource?> services, BackendProtocol? protocol, DiagnosticCollector diagnostics)
{
    private readonly Dictionary<IngressBackend, Backend?> _translated = [];

    /// <summary>
    /// The backend; null for a <c>resource</c>, which is not served. A missing Service or port still gives a backend:
    /// one without endpoints, so that requests get 503 until it is there.
    /// </summary>
    public Backend? Translate(IngressBackend backend, string field)
    {
        if (!_translated.TryGetValue(backend, out var translated))
            _translated.Add(backend, translated = Resolve(backend, field));
        return translated;
    }

    private Backend? Resolve(IngressBackend backend, string field)
    {
        if (backend.Service is not { } serviceName)
        {
            diagnostics.Error($"{field}.resource", backend.Resource, "a resource cannot be served as a backend", "Name a Service instead");
            return null;
        }

        var name = new ObjectName(ns, serviceName);
        var unresolved = new Backend(new ServicePortKey(name, backend.Port), Protocol: protocol ?? BackendProtocol.Http);
        if (services(name) is not { } service)
        {
            diagnostics.Awaited($"{field}.service.name", serviceName, $"Service {name} does not exist, so requests get 503", "Create the Service, or correct the name");
            return unresolved;
        }
        if (ServicePorts.Find(service, backend.Port) is { } port)
            return new Backend(new ServicePortKey(name, new PortReference(port.Port, null)), Protocol: protocol ?? ServicePorts.ProtocolOf(port));
        if (service is { ExternalName: not null, Ports.Count: 0 } && backend.Port.Number > 0)
            return unresolved;
        diagnostics.Awaited(
            $"{field}.service.port.{(backend.Port.Name is null ? "number" : "name")}", backend.Port.IsEmpty ? null : backend.Port.ToString(),
            $"Service {name} has no such TCP port, so requests get 503",
            service.Ports.Count == 0 ? "Write a port by number, or give the Service ports" : $"Write one of its ports: {ServicePorts.Describe(service)}");
        return unresolved;
    }
}
