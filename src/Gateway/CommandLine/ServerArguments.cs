using System.CommandLine;
using System.Net;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;
using Gateway.Logging;
using Gateway.Proxy;
using Gateway.Proxy.Listeners;
using Microsoft.Extensions.Logging;
using static Gateway.CommandLine.OptionTypes;

namespace Gateway.CommandLine;

/// <summary>The options that every command which starts a server takes, with ingress-nginx's names where the meaning is the same.</summary>
internal sealed class ServerArguments
{
    private readonly Option<int> _httpPort = Port("--http-port", "Port for HTTP/1.1 and HTTP/2 without TLS. 0 lets the system choose.");
    private readonly Option<int> _httpsPort = Port("--https-port", "Port for HTTPS. 0 lets the system choose.");
    private readonly Option<int> _adminPort = Port("--admin-port", "Port of /healthz, /readyz and the read-only /api. 0 lets the system choose.");

    private readonly Option<IPAddress> _bindAddress = Address("--bind-address", "Address to listen on, for all three ports. '::' takes IPv6 and IPv4.");

    private readonly Option<int?> _publicHttpPort = OptionalPort(
        "--public-http-port", "Port that clients see for plain HTTP (a Service may map 80 to it): upstreams get it as X-Forwarded-Port. [default: the listening port]");

    private readonly Option<Transport> _transport = Choice("--transport", "What connections of clients come by: .NET's sockets, or event loops of the gateway's own (Linux only).", byDefault: Transport.Sockets);

    private readonly Option<string> _ingressClass = new("--ingress-class")
    {
        Description = "Class that the annotation kubernetes.io/ingress.class must name.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "nginx",
    };

    private readonly Option<bool> _classByName = Switch("--ingress-class-by-name", "Serve the IngressClass of that name too, whatever its spec.controller.", byDefault: false);
    private readonly Option<bool> _withoutClass = Switch("--watch-ingress-without-class", "Serve Ingresses that name no class at all too.", byDefault: false);

    private readonly Option<string[]> _controllerClass = new("--controller-class")
    {
        Description = $"Serve only IngressClasses whose spec.controller is NAME. [default: {string.Join(" and ", TranslationOptions.DefaultControllerClasses)}]",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<ObjectName?> _defaultBackend = Name("--default-backend-service", "Service (its first port) that takes requests which no rule matches. [default: the answer is 404]");
    private readonly Option<ObjectName?> _defaultCertificate = Name("--default-ssl-certificate", "Secret with the certificate for names that have none. [default: a self-signed one]");
    private readonly Option<ObjectName?> _configMap = Name("--configmap", "ConfigMap with settings for the whole gateway, under ingress-nginx's key names.");

    private readonly Option<string[]> _adminAllow = new("--admin-allow-cidr")
    {
        Description = "Peers that may read the whole admin API. Others than these and loopback get /healthz and /readyz only. May be given several times.",
        HelpName = "CIDR",
    };

    private readonly Option<TimeSpan> _preStopDelay = Duration("--pre-stop-delay", "After the signal to stop, go on serving for so long while /readyz says no. [default: 10s in a pod, else 0s]");
    private readonly Option<TimeSpan> _shutdownTimeout = Duration("--shutdown-timeout", "How long requests in flight may take to end when stopping. [default: 30s]");

    private readonly Option<ForwarderKind> _forwarder = Choice("--forwarder", "What moves plain requests to HTTP/1.1 upstreams; all others are YARP's at any rate.", byDefault: ForwarderKind.Yarp);

    private readonly Option<LogLevel> _logLevel = Choice("--log-level", "Least severe messages to log.", byDefault: LogLevel.Information);
    private readonly Option<LogFormat> _logFormat = Choice("--log-format", "Form of log lines, which go to standard error.", byDefault: LogFormat.Text);

    private readonly IPAddress _defaultAddress;
    private readonly ServerOptions _defaults;

    private ServerArguments(IPAddress defaultAddress, ServerOptions defaults)
    {
        (_defaultAddress, _defaults) = (defaultAddress, defaults);
        _bindAddress.DefaultValueFactory = _ => defaultAddress;
        _httpPort.DefaultValueFactory = _ => defaults.HttpPort;
        _httpsPort.DefaultValueFactory = _ => defaults.HttpsPort;
        _adminPort.DefaultValueFactory = _ => defaults.AdminPort;
        _adminAllow.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (!IPNetwork.TryParse(token.Value, out _))
                    result.AddError($"--admin-allow-cidr: '{token.Value}' is not a CIDR such as 10.0.0.0/8.");
            }
        });
    }

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public static ServerArguments AddTo(Command command, IPAddress defaultAddress)
    {
        var arguments = new ServerArguments(defaultAddress, new ServerOptions());
        foreach (var option in new Option[]
        {
            arguments._httpPort, arguments._httpsPort, arguments._adminPort, arguments._bindAddress, arguments._publicHttpPort, arguments._transport,
            arguments._ingressClass, arguments._classByName, arguments._withoutClass, arguments._controllerClass, arguments._defaultBackend, arguments._defaultCertificate,
            arguments._configMap, arguments._adminAllow, arguments._preStopDelay, arguments._shutdownTimeout,
            arguments._forwarder, arguments._logLevel, arguments._logFormat,
        })
        {
            command.Options.Add(option);
        }
        return arguments;
    }

    /// <summary>What was typed.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="manifests">The folder to serve; null: a cluster.</param>
    /// <param name="cluster">How to work with it.</param>
    public ServerOptions Read(ParseResult parsed, string? manifests, ClusterOptions? cluster = null) => _defaults with
    {
        Manifests = manifests,
        Cluster = cluster ?? _defaults.Cluster,
        HttpPort = parsed.GetValue(_httpPort),
        HttpsPort = parsed.GetValue(_httpsPort),
        AdminPort = parsed.GetValue(_adminPort),
        BindAddress = parsed.GetValue(_bindAddress) ?? _defaultAddress,
        PublicHttpPort = parsed.GetValue(_publicHttpPort),
        Transport = parsed.GetResult(_transport) is null ? _defaults.Transport : parsed.GetValue(_transport),
        AdminAllowed = (parsed.GetValue(_adminAllow) ?? []).Select(IPNetwork.Parse).ToEquatableArray(),
        PreStopDelay = parsed.GetResult(_preStopDelay) is null ? DefaultPreStopDelay : parsed.GetValue(_preStopDelay),
        ShutdownTimeout = parsed.GetResult(_shutdownTimeout) is null ? _defaults.ShutdownTimeout : parsed.GetValue(_shutdownTimeout),
        Forwarder = parsed.GetResult(_forwarder) is null ? _defaults.Forwarder : parsed.GetValue(_forwarder),
        LogLevel = parsed.GetResult(_logLevel) is null ? _defaults.LogLevel : parsed.GetValue(_logLevel),
        LogFormat = parsed.GetResult(_logFormat) is null ? _defaults.LogFormat : parsed.GetValue(_logFormat),
        Translation = new TranslationOptions
        {
            ManifestMode = manifests is not null,
            IngressClass = parsed.GetValue(_ingressClass)!,
            ServesClassByName = parsed.GetValue(_classByName),
            ServesUnknownClass = parsed.GetValue(_classByName) || cluster?.WatchNamespace is not null,
            ServesIngressesWithoutClass = parsed.GetValue(_withoutClass),
            ControllerClasses = parsed.GetValue(_controllerClass) is { Length: > 0 } names
                ? names.ToEquatableArray()
                : TranslationOptions.DefaultControllerClasses,
            WatchNamespace = cluster?.WatchNamespace,
            SecretNamespaces = cluster is { SecretNamespaces.Count: > 0 } ? cluster.SecretNamespaces : cluster?.WatchNamespace is { } watched ? [watched] : [],
            DefaultBackendService = parsed.GetValue(_defaultBackend),
            DefaultSslCertificate = parsed.GetValue(_defaultCertificate),
            ConfigMap = parsed.GetValue(_configMap),
        },
    };

    private static TimeSpan DefaultPreStopDelay =>
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is null ? TimeSpan.Zero : TimeSpan.FromSeconds(10);
}
