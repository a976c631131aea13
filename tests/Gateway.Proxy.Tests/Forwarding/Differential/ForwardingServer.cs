using System.Net;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Filters;
using Gateway.Proxy.Forwarding;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Telemetry;
using Gateway.Proxy.Tests.Routing;
using Gateway.Proxy.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Proxy.Tests.Forwarding.Differential;

/// <summary>A data plane with a forwarder of the test's choice, which leads host <c>a</c> to one backend.</summary>
internal sealed class ForwardingServer : IAsyncDisposable
{
    private readonly IForwarder _forwarder;
    private readonly ProxyServer _server;
    private readonly AccessLog _accessLog = new(standardOutput: null, TimeProvider.System, NullLogger.Instance);

    private ForwardingServer(IForwarder forwarder, ProxyServer server) => (_forwarder, _server) = (forwarder, server);

    public IPEndPoint EndPoint { get; private set; } = null!;

    /// <summary>Starts one.</summary>
    public static async Task<ForwardingServer> StartAsync(Func<GatewaySettings, UpstreamDialer, IForwarder> forwarder, int backendPort)
    {
        var settings = GatewaySettings.Default;
        var certificates = new CertificateTable(settings, TimeProvider.System);
        var tables = new Tables(certificates, FilterCompiler.Compile);
        var service = new ServicePortKey(new ObjectName("shop", "web"), new PortReference(80, null));
        tables.Apply(new ConfigurationDelta
        {
            Settings = settings,
            Hosts = [RouteTables.Host("a", RouteTables.Prefix("/") with { Backends = [new Backend(service)] })],
            Endpoints = [new ServiceEndpoints(service, [new EndpointAddress("127.0.0.1", backendPort)])],
        });

        var server = new ForwardingServer(
            forwarder(settings, new UpstreamDialer(new DialPolicy(allowsLocal: true))), new ProxyServer(certificates, settings, NullLoggerFactory.Instance, TimeProvider.System, TestDataPlane.Transport));
        var loop = new ForwardLoop(server._forwarder, NullLogger.Instance);
        await server._server.StartAsync(
            new ProxyApplication(tables.Routes, loop, new ProxyState(settings), server._accessLog, TimeProvider.System, NullLogger.Instance), TestContext.Current.CancellationToken);
        server.EndPoint = await server._server.OpenAsync(
            new ListenerDefinition(ListenerNames.Http, IPAddress.Loopback, 0, IsTls: false), TestContext.Current.CancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        (_forwarder as IDisposable)?.Dispose();
        _accessLog.Dispose();
    }
}
