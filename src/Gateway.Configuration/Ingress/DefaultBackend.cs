using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Services;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Ingress;

/// <summary>Translates <c>--default-backend-service</c>.</summary>
internal static class DefaultBackend
{
    private const string Flag = "--default-backend-service";

    /// <summary>Where requests go that match no route: to the first TCP port of the Service. Null: they get 404.</summary>
    /// <param name="name">The Service.</param>
    /// <param name="onlyNamespace">The only namespace whose Services are known; null: all.</param>
    /// <param name="services">Finds a Service.</param>
    /// <param name="settings">Settings of the whole gateway.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    public static Route? Translate(
        ObjectName? name, string? onlyNamespace, Func<ObjectName, ServiceResource?> services, GatewaySettings settings, DiagnosticCollector diagnostics)
    {
        if (name is not { } named)
            return null;
        if (onlyNamespace is not null && onlyNamespace != named.Namespace)
        {
            diagnostics.Error(
                Flag, named.ToString(), $"with --watch-namespace only Services in the namespace {onlyNamespace} are read, so requests that match no route get 404",
                $"Name a Service in {onlyNamespace}, or leave --watch-namespace out");
            return null;
        }
        if (services(named) is not { } service)
        {
            diagnostics.Error(Flag, named.ToString(), "this Service does not exist, so requests that match no route get 404", "Create the Service, or correct the option");
            return null;
        }
        if (ServicePorts.First(service) is not { } port)
        {
            diagnostics.Error(Flag, named.ToString(), "this Service has no TCP port, so requests that match no route get 404", "Give it a port, or correct the option");
            return null;
        }
        var policy = RoutePolicy.From(settings);
        var path = new PathMatch(PathMatchKind.Prefix, "/");
        return new Route("default backend", service.Key, new RouteMatch(path))
        {
            Precedence = new RoutePrecedence(RoutePrecedence.ByPath(path), 0, 0, 0),
            Filters = policy.Filters(policy.Redirects(path, hostHasTls: false, settings), settings),
            Backends = [new Backend(new ServicePortKey(named, new PortReference(port.Port, null)), Protocol: ServicePorts.ProtocolOf(port)) { IsDefault = true }],
            Timeouts = policy.Timeouts,
        };
    }
}
