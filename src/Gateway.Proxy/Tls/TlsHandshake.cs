using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Gateway.Proxy.Tls;

/// <summary>The TLS handshake, as a step of a connection. What clients do wrong in it is no business of the log's.</summary>
internal sealed partial class TlsHandshake(CertificateTable certificates, ILogger logger)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Adds the step, and TLS from there on.</summary>
    public void AddTo(ListenOptions pipeline)
    {
        pipeline.Use(Guard);
        pipeline.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = Timeout, OnConnection = context => new(Answer(context)) });
        pipeline.Use(Done);
    }

    private SslServerAuthenticationOptions Answer(TlsHandshakeCallbackContext context)
    {
        var answer = certificates.Find(context.ClientHelloInfo.ServerName)
            ?? throw new AuthenticationException($"No certificate for '{context.ClientHelloInfo.ServerName}' (ssl-reject-handshake).");
        context.Connection.Features.Set(answer.Policy);
        return answer.Options;
    }

    private ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        var handshake = new Attempt();
        connection.Features.Set(handshake);
        // A client that is slow to shake hands has asked for nothing yet: it must not hold up the closing of its listener.
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()!.ConnectionClosedRequested;
        await using (handshake.Closing = closing.UnsafeRegister(static state => ((ConnectionContext)state!).Abort(), connection))
        {
            try
            {
                await next(connection);
            }
#pragma warning disable CA1031 // Kestrel expects some exceptions of a handshake; others, for which a few bytes will do, it would log as errors.
            catch (Exception exception) when (!handshake.IsDone)
            {
                Log.Failed(logger, exception, connection.ConnectionId);
            }
#pragma warning restore CA1031
        }
    };

    private static ConnectionDelegate Done(ConnectionDelegate next) => connection =>
    {
        var handshake = connection.Features.Get<Attempt>()!;
        handshake.IsDone = true;
        handshake.Closing.Dispose();
        return next(connection);
    };

    private sealed class Attempt
    {
        public bool IsDone { get; set; }

        public CancellationTokenRegistration Closing { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "The TLS handshake of connection {Connection} failed.")]
        public static partial void Failed(ILogger logger, Exception exception, string connection);
    }
}
