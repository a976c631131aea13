using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;
using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes.Admission;

/// <summary>The certificate that the webhook's port shows. Every replica reads it; the leader's <see cref="WebhookCertificateIssuer"/> writes it.</summary>
/// <param name="api">The API server.</param>
/// <param name="secret">Where it lies.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of changes and failures.</param>
public sealed partial class WebhookCertificate(ApiClient api, ObjectName secret, TimeProvider time, ILogger logger)
{
    /// <summary>For so long the API server may trust another certificate already, when the one before was lost.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CertificateSecret _secret = new(api, secret);
    private SelfSignedCertificate? _read;
    private volatile X509Certificate2? _current;
    private string? _problem;

    /// <summary>The certificate with its key, to be asked for at every handshake; null: there is none yet.</summary>
    public X509Certificate2? Current => _current;

    /// <summary>Keeps it current until <paramref name="stop"/> is requested; returns then.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await ReadAsync(stop);
            await time.PauseAsync(Interval, stop);
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        try
        {
            var read = CertificateSecret.CertificateIn(await _secret.ReadAsync(stop));
            if (read is null || read == _read)
                return;
            // The one before is left to the garbage collector: a handshake may still be using it.
            _current = read.Load();
            _read = read;
            _problem = null;
            Log.Loaded(logger, secret, _current.NotAfter);
        }
#pragma warning disable CA1031 // Whatever fails, say a Secret with nonsense in it: what was read before goes on being shown.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!stop.IsCancellationRequested && e.Message != _problem)
                Log.CannotRead(logger, secret, _problem = e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The webhook's certificate was read from Secret {Secret}; it is valid until {Until:u}.")]
        public static partial void Loaded(ILogger logger, object secret, DateTime until);

        [LoggerMessage(2, LogLevel.Warning, "The webhook's certificate cannot be read from Secret {Secret}: {Reason}")]
        public static partial void CannotRead(ILogger logger, object secret, string reason);
    }
}
