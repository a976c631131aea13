using System.Text;
using System.Text.Json.Nodes;
using Gateway.Kubernetes.Api;
using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes.Admission;

/// <summary>
/// Keeps the webhook's certificate good and the API server trusting it: makes the Secret, renews it a month before it
/// runs out, and writes its authorities into <c>caBundle</c>. To be run by the leader alone.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="options">Where it lies, who is told.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of changes and failures.</param>
public sealed partial class WebhookCertificateIssuer(ApiClient api, WebhookOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly CertificateSecret _secret = new(api, options.Secret);
    private readonly string _path = ApiResource.ValidatingWebhookConfigurations.PathOf("", options.Configuration);
    private string? _problem;

    /// <summary>Keeps all in order until <paramref name="leading"/> is cancelled; returns then.</summary>
    public async Task RunAsync(CancellationToken leading)
    {
        while (!leading.IsCancellationRequested)
        {
            var pause = Interval;
            try
            {
                await CheckAsync(leading);
                _problem = null;
            }
            catch (Exception e) when (e.IsApiFailure(CancellationToken.None))
            {
                pause = Soon;
                if (!leading.IsCancellationRequested && e.Message != _problem)
                    Log.Fails(logger, _problem = e.Message);
            }
            await time.PauseAsync(pause, leading);
        }
    }

    private async Task CheckAsync(CancellationToken leading)
    {
        var configuration = JsonObject.Create(await api.GetAsync(_path, leading));
        JsonObject[] clients = [.. (configuration?["webhooks"] as JsonArray ?? []).Select(webhook => webhook?["clientConfig"]).OfType<JsonObject>()];
        string[] names = [.. clients.Select(HostOf).OfType<string>().Distinct()];
        if (names.Length > 0)
            await TrustAsync(await IssueAsync(names, leading), configuration!, clients, leading);
    }

    /// <summary>The name that the API server asks for.</summary>
    private static string? HostOf(JsonObject client) => client["service"] is JsonObject service
        ? $"{service["name"]}.{service["namespace"]}.svc"
        : Uri.TryCreate((string?)client["url"], UriKind.Absolute, out var url) ? url.IdnHost : null;

    private async Task<SelfSignedCertificate> IssueAsync(string[] names, CancellationToken leading)
    {
        var secret = await _secret.ReadAsync(leading);
        var before = CertificateSecret.CertificateIn(secret);
        var now = time.GetUtcNow();
        if (before is not null && before.IsGoodFor(names, now))
            return before;
        var issued = SelfSignedCertificate.Create(names, now, before);
        await _secret.WriteAsync(secret, issued, leading);
        Log.Issued(logger, options.Secret);
        return issued;
    }

    /// <summary>A merge patch replaces the list of webhooks as a whole: all of it is written back, on condition that nobody changed it meanwhile.</summary>
    private async Task TrustAsync(SelfSignedCertificate certificate, JsonObject configuration, JsonObject[] clients, CancellationToken leading)
    {
        var bundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.Authorities));
        if (clients.All(client => (string?)client["caBundle"] == bundle))
            return;
        foreach (var client in clients)
            client["caBundle"] = bundle;
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = (string?)configuration["metadata"]?["resourceVersion"] },
            ["webhooks"] = configuration["webhooks"]!.DeepClone(),
        };
        await api.MergePatchAsync(_path, patch, leading);
        Log.Trusted(logger, options.Configuration);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "A certificate for the webhook was issued into Secret {Secret}.")]
        public static partial void Issued(ILogger logger, object secret);

        [LoggerMessage(2, LogLevel.Information, "ValidatingWebhookConfiguration {Configuration} now trusts the webhook's certificate.")]
        public static partial void Trusted(ILogger logger, string configuration);

        [LoggerMessage(3, LogLevel.Warning, "The webhook's certificate cannot be kept: {Reason}")]
        public static partial void Fails(ILogger logger, string reason);
    }
}
