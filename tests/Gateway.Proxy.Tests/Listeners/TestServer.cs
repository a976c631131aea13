using System.Net;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Tls;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Proxy.Tests.Listeners;

/// <summary>A <see cref="ProxyServer"/> on loopback with a plain and a TLS listener, and whatever the test wants for an application.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string Plain = "http";
    public const string Tls = "https";

    private TestServer(GatewaySettings settings, ILoggerFactory? loggers, TimeProvider? time, Transport? transport)
    {
        Certificates = new CertificateTable(settings, TimeProvider.System);
        Server = new ProxyServer(Certificates, settings, loggers ?? NullLoggerFactory.Instance, time ?? TimeProvider.System, transport ?? TestDataPlane.Transport);
    }

    public ProxyServer Server { get; }

    public CertificateTable Certificates { get; }

    public IPEndPoint PlainEndPoint { get; private set; } = null!;

    public IPEndPoint TlsEndPoint { get; private set; } = null!;

    public static async Task<TestServer> StartAsync(
        Func<IFeatureCollection, Task>? application = null, GatewaySettings? settings = null, ILoggerFactory? loggers = null, TimeProvider? time = null,
        Transport? transport = null)
    {
        var test = new TestServer(settings ?? GatewaySettings.Default, loggers, time, transport);
        await test.Server.StartAsync(new Application(application ?? (features => features.AnswerAsync("ok"))), TestContext.Current.CancellationToken);
        test.PlainEndPoint = await test.OpenAsync(Plain, isTls: false);
        test.TlsEndPoint = await test.OpenAsync(Tls, isTls: true);
        return test;
    }

    public Task<IPEndPoint> OpenAsync(string name, bool isTls, int port = 0) =>
        Server.OpenAsync(new ListenerDefinition(name, IPAddress.Loopback, port, isTls), TestContext.Current.CancellationToken);

    public ListenerStatus Status(string name) => Server.Listeners.Single(listener => listener.Definition.Name == name);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private sealed class Application(Func<IFeatureCollection, Task> process) : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures)
        {
            contextFeatures.Get<RequestActivity>()!.IsServing = true;
            return contextFeatures;
        }

        public Task ProcessRequestAsync(IFeatureCollection context) => process(context);

        public void DisposeContext(IFeatureCollection context, Exception? exception) =>
            context.Get<RequestActivity>()!.IsServing = context.Get<IHttpRequestFeature>()!.Protocol == "HTTP/2";
    }
}
