using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Demo;

/// <summary>Three small web servers on free loopback ports that say who they are and what they were asked.</summary>
internal sealed class SampleBackends : IAsyncDisposable
{
    /// <summary>The Services that the bundled manifests name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["shop-frontend", "shop-api", "echo"];

    private readonly List<WebApplication> _apps = [];

    private SampleBackends()
    {
    }

    /// <summary>The port of each backend, by name.</summary>
    public Dictionary<string, int> Ports { get; } = [];

    /// <summary>Starts them.</summary>
    public static async Task<SampleBackends> StartAsync(CancellationToken cancellation)
    {
        var backends = new SampleBackends();
        foreach (var name in Names)
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var app = builder.Build();
            app.Run(context => context.Response.WriteAsync(
                $"{name}: {context.Request.Method} {context.Request.Path}{context.Request.QueryString} for {context.Request.Host}\n"));
            await app.StartAsync(cancellation);
            backends._apps.Add(app);
            backends.Ports[name] = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        }
        return backends;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps)
            await app.DisposeAsync();
    }
}
