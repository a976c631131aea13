using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Listeners.Epoll;
using Gateway.Proxy.Tls;
using Gateway.Proxy.Validation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Proxy.Listeners;

/// <summary>
/// The HTTP server: Kestrel without a middleware pipeline, and listeners that are opened and closed at run time.
/// HTTP/1.1 and HTTP/2 with prior knowledge share a port in clear, HTTP/1.1 and HTTP/2 by ALPN one with TLS.
/// </summary>
internal sealed partial class ProxyServer : IAsyncDisposable
{
    private readonly Pipeline _plain = new("http");
    private readonly Pipeline _tls = new("https");
    // Nothing is handed to it: the sniffer of the plain pipeline passes connections on to its innermost step.
    private readonly Pipeline _http2 = new("h2c");

    private readonly TlsHandshake _handshake;
    private readonly TimeProvider _time;
    private readonly WebApplication _services;
    private readonly IServer _server;
    private readonly KestrelServerOptions _options;
    private readonly IConnectionListenerFactory _transport;
    private readonly ConcurrentDictionary<string, Listener> _listeners = new(StringComparer.Ordinal);
    private volatile GatewaySettings _settings;

    /// <summary>A server that does not run yet.</summary>
    /// <param name="certificates">Answers the handshakes of TLS listeners.</param>
    /// <param name="settings">Limits and timeouts to begin with.</param>
    /// <param name="loggers">Where the server logs to.</param>
    /// <param name="time">Times the sniffing of the protocol.</param>
    /// <param name="transport">What connections come by, where it runs here.</param>
    public ProxyServer(CertificateTable certificates, GatewaySettings settings, ILoggerFactory loggers, TimeProvider time, Transport transport)
        : this(certificates, settings, loggers, time, services => Choose(transport, services, loggers, time))
    {
    }

    internal ProxyServer(
        CertificateTable certificates, GatewaySettings settings, ILoggerFactory loggers, TimeProvider time, Func<IServiceProvider, IConnectionListenerFactory> transport)
    {
        _handshake = new TlsHandshake(certificates, loggers.CreateLogger<TlsHandshake>());
        _settings = settings;
        _time = time;

        // Kestrel's TLS step asks for services that only its own registration can make. The application is never started.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new ServerLogging(loggers));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        builder.Services.AddSingleton<SocketTransportFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory, PipelineTransport>();
        _services = builder.Build();

        _transport = transport(_services.Services);
        _server = _services.Services.GetRequiredService<IServer>();
        _options = _services.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        Apply(settings);
    }

    /// <summary>The open listeners and their connection counts, in no order.</summary>
    public IReadOnlyList<ListenerStatus> Listeners => [.. _listeners.Values.Select(listener => listener.Status)];

    /// <summary>Starts serving with <paramref name="application"/>. Listeners are opened afterwards.</summary>
    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => _server.StartAsync(application, cancellationToken);

    /// <summary>Opens a listener and returns what it is bound to.</summary>
    /// <exception cref="IOException">The port cannot be had; the message says which and why.</exception>
    /// <exception cref="InvalidOperationException">A listener of that name is open.</exception>
    public async Task<IPEndPoint> OpenAsync(ListenerDefinition definition, CancellationToken cancellationToken = default)
    {
        if (_listeners.ContainsKey(definition.Name))
            throw new InvalidOperationException($"Listener '{definition.Name}' is open already.");
        var socket = await BindAsync(definition, cancellationToken);
        var listener = new Listener(definition, socket, definition.IsTls ? _tls : _plain, _time);
        _listeners[definition.Name] = listener;
        return listener.EndPoint;
    }

    /// <summary>
    /// Closes a listener, if it is open: the port is free at once, idle connections are closed, HTTP/2 ones get
    /// GOAWAY (RFC 9113 6.8), and requests in flight finish.
    /// </summary>
    /// <param name="name">The listener's name.</param>
    /// <param name="cancellationToken">Aborts what is still in flight.</param>
    public Task CloseAsync(string name, CancellationToken cancellationToken) =>
        _listeners.TryRemove(name, out var listener) ? listener.CloseAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Takes up the client-side limits and timeouts, for connections accepted from now on at the latest.</summary>
    public void Apply(GatewaySettings settings)
    {
        _settings = settings;
        var limits = _options.Limits;
        // Zero turns keep-alive off, which is for the answers to say; a first request has to come at any rate.
        limits.KeepAliveTimeout = settings.KeepAlive > TimeSpan.Zero ? settings.KeepAlive : settings.ClientHeaderTimeout;
        limits.RequestHeadersTimeout = settings.ClientHeaderTimeout;
        limits.Http2.MaxStreamsPerConnection = settings.Http2MaxConcurrentStreams;
    }

    /// <summary>
    /// Frees all ports at once, closes idle connections, and lets requests in flight finish.
    /// </summary>
    /// <param name="cancellationToken">Aborts what is still in flight.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Not left to the server: it stops its clock first, and it is by the clock that it notices that the last
        // request of an HTTP/2 connection has ended.
        await Task.WhenAll(_listeners.Keys.Select(name => CloseAsync(name, cancellationToken)));
        await _server.StopAsync(cancellationToken);
    }

    /// <summary>Stops without waiting for requests in flight.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        await _services.DisposeAsync();
    }

    private static IConnectionListenerFactory Choose(Transport transport, IServiceProvider services, ILoggerFactory loggers, TimeProvider time)
    {
        var logger = loggers.CreateLogger<EpollTransport>();
        if (transport == Transport.Epoll && EpollTransport.IsSupported)
            return new EpollTransport(EventLoop.All, services.GetRequiredService<IMemoryPoolFactory<byte>>().Create(), DescriptorReserve.Default, logger, time);
        if (transport == Transport.Epoll)
            Log.NoEpoll(logger);
        return services.GetRequiredService<SocketTransportFactory>();
    }

    private async ValueTask<IConnectionListener> BindAsync(ListenerDefinition definition, CancellationToken cancellationToken)
    {
        var endPoint = new IPEndPoint(definition.Address, definition.Port);
        try
        {
            return await _transport.BindAsync(endPoint, cancellationToken);
        }
        catch (SocketException exception) when (definition.Address.Equals(IPAddress.IPv6Any)
            && exception.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
        {
            return await BindAsync(definition with { Address = IPAddress.Any }, cancellationToken);
        }
        catch (AddressInUseException exception)
        {
            throw new IOException($"Listener '{definition.Name}' cannot open {endPoint}: the port is in use. Free it or choose another.", exception);
        }
        catch (SocketException exception)
        {
            throw new IOException($"Listener '{definition.Name}' cannot open {endPoint}: {exception.Message}.", exception);
        }
    }

    private void Configure(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.AllowSynchronousIO = false;
        // Latin-1, so that the bytes of fields pass as they are.
        server.RequestHeaderEncodingSelector = FieldWatch.SelectEncoding;
        server.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;

        var limits = server.Limits;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestHeaderCount = 100;
        limits.MaxRequestBodySize = null; // A matter of the route.
        // Slow downloads, long polls and streams are legitimate.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;

        ConnectionDelegate http2 = null!;
        server.Listen(new PipelineEndPoint(_http2), pipeline =>
        {
            pipeline.Protocols = HttpProtocols.Http2;
            pipeline.Use(next => http2 = next);
            pipeline.Use(FieldWatch.Plain(isHttp2: true));
        });
        server.Listen(new PipelineEndPoint(_plain), pipeline =>
        {
            pipeline.Protocols = HttpProtocols.Http1;
            pipeline.Use(Listener.Track);
            pipeline.Use(next => new ProtocolSniffer(next, http2, () => _settings.ClientHeaderTimeout, _time).OnConnectionAsync);
            pipeline.Use(FieldWatch.Plain(isHttp2: false));
        });
        server.Listen(new PipelineEndPoint(_tls), pipeline =>
        {
            pipeline.Protocols = HttpProtocols.Http1AndHttp2;
            pipeline.Use(Listener.Track);
            _handshake.AddTo(pipeline);
            pipeline.Use(FieldWatch.Tls);
        });
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The epoll transport runs on Linux on x86-64 and arm64 alone: sockets are used.")]
        public static partial void NoEpoll(ILogger logger);
    }
}
