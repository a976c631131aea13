using System.Net;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;
using Gateway.Logging;
using Gateway.Proxy;
using Gateway.Proxy.Listeners;
using Microsoft.Extensions.Logging;

namespace Gateway.CommandLine;

/// <summary>How the gateway is to run; the result of the command line.</summary>
internal sealed record ServerOptions
{
    /// <summary>The folder of manifests; null: the objects come from a cluster.</summary>
    public string? Manifests { get; init; }

    /// <summary>How to work with the cluster.</summary>
    public ClusterOptions Cluster { get; init; } = new();

    /// <summary>Port of the plain listener; 0: chosen by the system.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>Port of the TLS listener; 0: chosen by the system.</summary>
    public int HttpsPort { get; init; } = 8443;

    /// <summary>Port of the admin API; 0: chosen by the system.</summary>
    public int AdminPort { get; init; } = 10254;

    /// <summary>The address that all three listen on.</summary>
    public IPAddress BindAddress { get; init; } = IPAddress.IPv6Any;

    /// <summary>What connections of clients come by.</summary>
    public Transport Transport { get; init; } = Transport.Sockets;

    /// <summary>What upstreams are told as X-Forwarded-Port of plain requests; null: the listening port.</summary>
    public int? PublicHttpPort { get; init; }

    /// <summary>Peers, besides loopback, that may read the whole admin API.</summary>
    public EquatableArray<IPNetwork> AdminAllowed { get; init; }

    /// <summary>The translation's part.</summary>
    public TranslationOptions Translation { get; init; } = new() { ManifestMode = true };

    /// <summary>How long to go on serving after the signal to stop, not ready, before the ports close.</summary>
    public TimeSpan PreStopDelay { get; init; }

    /// <summary>How long requests in flight may take to end then.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What moves plain requests to HTTP/1.1 upstreams.</summary>
    public ForwarderKind Forwarder { get; init; } = ForwarderKind.Yarp;

    /// <summary>The least severe messages that are logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The form of log lines.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;
}
