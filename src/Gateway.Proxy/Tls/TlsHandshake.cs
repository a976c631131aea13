using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Gateway.Proxy.Tls;

/// <summary>The handshake, as a step of a connection.</summary>
internal static class TlsHandshake
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Has handshakes answered from <paramref name="certificates"/>.</summary>
    public static void UseTls(this ListenOptions pipeline, CertificateTable certificates)
    {
        pipeline.Use(AbandonWhenClosing);
        pipeline.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = Timeout,
            OnConnection = context => new(Answer(context, certificates)),
        });
        pipeline.Use(Done);
    }

    private static SslServerAuthenticationOptions Answer(TlsHandshakeCallbackContext context, CertificateTable certificates)
    {
        var answer = certificates.Find(context.ClientHelloInfo.ServerName)
            ?? throw new AuthenticationException($"No certificate for '{context.ClientHelloInfo.ServerName}' (ssl-reject-handshake).");
        context.Connection.Features.Set(answer.Policy);
        return answer.Options;
    }

    // A client that is slow to shake hands has asked for nothing yet: it must not hold up the closing of its listener.
    private static ConnectionDelegate AbandonWhenClosing(ConnectionDelegate next) => async connection =>
    {
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()!.ConnectionClosedRequested;
        await using var registration = closing.UnsafeRegister(static state => ((ConnectionContext)state!).Abort(), connection);
        connection.Features.Set(new HandshakeWatch(registration));
        await next(connection);
    };

    private static ConnectionDelegate Done(ConnectionDelegate next) => connection =>
    {
        connection.Features.Get<HandshakeWatch>()!.Closing.Dispose();
        return next(connection);
    };

    private sealed record HandshakeWatch(CancellationTokenRegistration Closing);
}
