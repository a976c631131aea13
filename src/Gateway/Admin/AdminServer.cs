using System.Net;
using System.Net.Sockets;
using Gateway.CommandLine;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Hosting;
using Gateway.Proxy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gateway.Admin;

/// <summary>The admin port: an ordinary small web application of its own, on a port that proxied traffic never reaches.</summary>
internal sealed class AdminServer : IAsyncDisposable
{
    /// <summary>The methods of everything here: who reads may ask for the head alone (RFC 9110 9.3.2).</summary>
    internal static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    private readonly WebApplication _app;
    private readonly ServerOptions _options;

    public AdminServer(
        ServerOptions options, Readiness readiness, ConfigurationTranslator translator, ControlLoop loop, DataPlane dataPlane, DiagnosticLog diagnostics,
        GatewayMetrics metrics, Func<SourceView> source)
    {
        _options = options;
        // Empty: the other builders read ASPNETCORE_ variables and the appsettings.json of whatever folder this is started in.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        // The process has one place that handles signals; this application ends when it is told.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, AdminJson.Default));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (options.BindAddress.Equals(IPAddress.IPv6Any))
                kestrel.ListenAnyIP(options.AdminPort);
            else
                kestrel.Listen(options.BindAddress, options.AdminPort);
        });
        _app = builder.Build();
        _app.Use(new AdminAccess(options.AdminAllowed).InvokeAsync);
        _app.MapMethods("/healthz", Reading, static () => Results.Text("ok\n"));
        _app.MapMethods("/readyz", Reading, () => readiness.IsReady
            ? Results.Text("ok\n")
            : Results.Text("not ready\n", statusCode: StatusCodes.Status503ServiceUnavailable));
        _app.MapMethods("/metrics", Reading, metrics.WriteAsync);
        new AdminApi(translator, loop, dataPlane, diagnostics, source).Map(_app);
    }

    /// <summary>Listens; returns where.</summary>
    /// <exception cref="IOException">The port cannot be had; the message says which and why.</exception>
    public async Task<IPEndPoint> StartAsync(CancellationToken cancellation)
    {
        try
        {
            await _app.StartAsync(cancellation);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            var reason = exception.InnerException is AddressInUseException ? "the port is in use. Free it or choose another" : exception.Message;
            throw new IOException($"Admin API cannot open {new IPEndPoint(_options.BindAddress, _options.AdminPort)}: {reason}.", exception);
        }
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new IPEndPoint(_options.BindAddress, new Uri(address).Port);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
