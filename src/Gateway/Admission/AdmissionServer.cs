using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Admission;

/// <summary>
/// The validating admission webhook, on a port of its own: judges an Ingress by the translation that will serve it,
/// against the state of the moment. Nothing is fetched, run or changed on behalf of what is judged.
/// </summary>
internal sealed partial class AdmissionServer : IAsyncDisposable
{
    /// <summary>Where the API server calls.</summary>
    public const string Path = "/validate-ingress";

    /// <summary>What etcd stores is not larger either (its request limit is 1.5 MiB, of which an update carries two objects).</summary>
    private const long LargestReview = 1 << 20;

    private readonly WebApplication _app;
    private readonly Func<ReadOnlyMemory<byte>, IngressResource?> _read;
    private readonly Func<IngressResource, IngressJudgement> _judge;
    private readonly ILogger _logger;

    /// <param name="endPoint">Where to listen.</param>
    /// <param name="certificate">The certificate of the moment; null while there is none.</param>
    /// <param name="read">Reads an Ingress from JSON; null when it is none.</param>
    /// <param name="judge">Judges it.</param>
    /// <param name="logger">Hears of refusals and of calls that are no reviews.</param>
    public AdmissionServer(
        IPEndPoint endPoint, Func<X509Certificate2?> certificate, Func<ReadOnlyMemory<byte>, IngressResource?> read,
        Func<IngressResource, IngressJudgement> judge, ILogger logger)
    {
        (_read, _judge, _logger) = (read, judge, logger);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, Admin.NoLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestReview;
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                kestrel.ListenAnyIP(endPoint.Port, Secure);
            else
                kestrel.Listen(endPoint, Secure);
        });
        _app = builder.Build();
        _app.MapPost(Path, ReviewAsync);

        void Secure(ListenOptions listener) => listener.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate());
    }

    /// <summary>Listens; returns the port.</summary>
    public async Task<int> StartAsync(CancellationToken cancellation)
    {
        await _app.StartAsync(cancellation);
        return new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReviewAsync(HttpContext context)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var answer = AdmissionReview.Answer(body.GetBuffer().AsMemory(0, (int)body.Length), _read, _judge);
            if (answer.Response.Status is { } refusal)
                Log.Refused(_logger, answer.Response.Uid, refusal.Message);
            await context.Response.WriteAsJsonAsync(answer, ReviewJson.Default.ReviewAnswer, cancellationToken: context.RequestAborted);
        }
        // Text that is no Unicode is found only when it is read.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            Log.NoReview(_logger, context.Connection.RemoteIpAddress, e.Message);
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync($"{e.Message}\n", context.RequestAborted);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Review {Uid}: an Ingress was refused: {Why}")]
        public static partial void Refused(ILogger logger, string uid, string why);

        [LoggerMessage(2, LogLevel.Warning, "A call of the admission webhook from {Peer} cannot be read: {Why}")]
        public static partial void NoReview(ILogger logger, IPAddress? peer, string why);
    }
}
