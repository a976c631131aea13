using System.Net;
using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Endpoints;
using Gateway.Proxy.Filters;
using Gateway.Proxy.Forwarding;
using Gateway.Proxy.Forwarding.Lean;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Telemetry;
using Gateway.Proxy.Tls;
using Microsoft.Extensions.Logging;

namespace Gateway.Proxy;

/// <summary>
/// What moves traffic: listeners, tables and forwarders behind one door. One thread at a time applies configuration;
/// requests only read.
/// </summary>
public sealed class DataPlane : IAsyncDisposable
{
    private readonly DialPolicy _dialPolicy;
    private readonly CertificateTable _certificates;
    private readonly Tables _tables;
    private readonly YarpForwarder _yarp;
    private readonly LeanForwarder _lean;
    private readonly AccessLog _accessLog;
    private readonly ProxyApplication _application;
    private readonly ProxyServer _server;
    private GatewaySettings _settings = GatewaySettings.Default;

    /// <summary>Makes one that serves nothing yet.</summary>
    /// <param name="logging">Where it logs to.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="options">What it is made of.</param>
    public DataPlane(ILoggerFactory logging, TimeProvider time, DataPlaneOptions options)
    {
        _dialPolicy = new DialPolicy(options.AllowLocalAddresses);
        var logger = logging.CreateLogger("Gateway.Proxy");
        _certificates = new CertificateTable(_settings, time);
        _tables = new Tables(_certificates, FilterCompiler.Compile);
        var dialer = new UpstreamDialer(_dialPolicy);
        _yarp = new YarpForwarder(_settings, dialer, time);
        _lean = new LeanForwarder(_settings, new LeanTransport(dialer), time);
        IForwarder chosen = options.Forwarder == ForwarderKind.Lean ? new ChosenForwarder(_yarp, _lean) : _yarp;
        _accessLog = new AccessLog(options.AccessLog, time, logger);
        _application = new ProxyApplication(_tables.Routes, new ForwardLoop(chosen, logger), new ProxyState(_settings), _accessLog, time, logger);
        _server = new ProxyServer(_certificates, _settings, logging, time, options.Transport);
    }

    /// <summary>Gets ready to accept connections.</summary>
    public Task StartAsync(CancellationToken cancellation) => _server.StartAsync(_application, cancellation);

    /// <summary>Opens a port; returns where it listens.</summary>
    /// <exception cref="IOException">The port is in use, or the address is not this machine's.</exception>
    public async Task<IPEndPoint> OpenAsync(ListenerDefinition listener, CancellationToken cancellation)
    {
        var endPoint = await _server.OpenAsync(listener, cancellation);
        NeverDial(endPoint.Port);
        return endPoint;
    }

    /// <summary>From now on no upstream connection goes to <paramref name="port"/> of this machine: it is another port of this process.</summary>
    public void NeverDial(int port) => _dialPolicy.NeverDial(port);

    /// <summary>
    /// From now on clients are asked to come back elsewhere: answers over HTTP/1.1 carry <c>Connection: close</c>, connections
    /// with HTTP/2 get GOAWAY (RFC 9113 6.8) with their next request. Everything is still served.
    /// </summary>
    public void StartTurningAway() => _application.TurnsAway = true;

    /// <summary>Publishes what a batch of changes made different.</summary>
    public void Apply(ConfigurationDelta delta)
    {
        if (delta.Settings != _settings)
        {
            _settings = delta.Settings;
            _certificates.Apply(_settings);
            _server.Apply(_settings);
            _yarp.Apply(_settings);
            _lean.Apply(_settings);
            _accessLog.Output.Path = _settings.AccessLogPath;
            _application.State = new ProxyState(_settings);
        }
        _tables.Apply(delta);
    }

    /// <summary>
    /// Stops accepting, closes idle connections and lets requests in flight end; those that have not when
    /// <paramref name="deadline"/> is cancelled are cut off.
    /// </summary>
    public Task StopAsync(CancellationToken deadline) => _server.StopAsync(deadline);

    /// <summary>The service ports and their endpoints as they are now.</summary>
    public IEnumerable<ClusterStatus> Clusters => _tables.Endpoints.Clusters.Select(ClusterStatus.Of);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _yarp.Dispose();
        _lean.Dispose();
        _accessLog.Dispose();
    }
}
