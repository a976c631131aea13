using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;
using Gateway.Logging;
using Microsoft.Extensions.Logging;

namespace Gateway.CommandLine;

/// <summary>The options that every command which starts a server takes, with ingress-nginx's names where the meaning is the same.</summary>
internal sealed class ServerArguments
{
    private readonly Option<int> _httpPort = Port("--http-port", "Port for HTTP/1.1 and HTTP/2 without TLS. 0 lets the system choose.");
    private readonly Option<int> _httpsPort = Port("--https-port", "Port for HTTPS. 0 lets the system choose.");
    private readonly Option<int> _adminPort = Port("--admin-port", "Port of /healthz, /readyz and the read-only /api. 0 lets the system choose.");

    private readonly Option<IPAddress> _bindAddress = new("--bind-address")
    {
        Description = "Address to listen on, for all three ports. '::' takes IPv6 and IPv4.",
        HelpName = "ADDRESS",
        CustomParser = result => IPAddress.TryParse(result.Tokens[0].Value, out var address)
            ? address
            : Fail<IPAddress>(result, "is not an IP address, such as 127.0.0.1 or ::"),
    };

    private readonly Option<int?> _publicHttpPort = new("--public-http-port")
    {
        Description = "Port that clients see for plain HTTP (a Service may map 80 to it): upstreams get it as X-Forwarded-Port. [default: the listening port]",
        HelpName = "PORT",
        CustomParser = result => ParsePort(result, least: 1),
    };

    private readonly Option<string> _ingressClass = new("--ingress-class")
    {
        Description = "Class that the annotation kubernetes.io/ingress.class must name.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "nginx",
    };

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
        var arguments = new ServerArguments(defaultAddress, new ServerOptions { Manifests = "" });
        foreach (var option in new Option[]
        {
            arguments._httpPort, arguments._httpsPort, arguments._adminPort, arguments._bindAddress, arguments._publicHttpPort,
            arguments._ingressClass, arguments._controllerClass, arguments._defaultBackend, arguments._defaultCertificate,
            arguments._configMap, arguments._adminAllow, arguments._preStopDelay, arguments._shutdownTimeout,
            arguments._logLevel, arguments._logFormat,
        })
        {
            command.Options.Add(option);
        }
        return arguments;
    }

    /// <summary>What was typed.</summary>
    public ServerOptions Read(ParseResult parsed, string manifests) => _defaults with
    {
        Manifests = manifests,
        HttpPort = parsed.GetValue(_httpPort),
        HttpsPort = parsed.GetValue(_httpsPort),
        AdminPort = parsed.GetValue(_adminPort),
        BindAddress = parsed.GetValue(_bindAddress) ?? _defaultAddress,
        PublicHttpPort = parsed.GetValue(_publicHttpPort),
        AdminAllowed = (parsed.GetValue(_adminAllow) ?? []).Select(IPNetwork.Parse).ToEquatableArray(),
        PreStopDelay = parsed.GetResult(_preStopDelay) is null ? DefaultPreStopDelay : parsed.GetValue(_preStopDelay),
        ShutdownTimeout = parsed.GetResult(_shutdownTimeout) is null ? _defaults.ShutdownTimeout : parsed.GetValue(_shutdownTimeout),
        LogLevel = parsed.GetResult(_logLevel) is null ? _defaults.LogLevel : parsed.GetValue(_logLevel),
        LogFormat = parsed.GetResult(_logFormat) is null ? _defaults.LogFormat : parsed.GetValue(_logFormat),
        Translation = new TranslationOptions
        {
            ManifestMode = true,
            IngressClass = parsed.GetValue(_ingressClass)!,
            ControllerClasses = parsed.GetValue(_controllerClass) is { Length: > 0 } names
                ? names.ToEquatableArray()
                : TranslationOptions.DefaultControllerClasses,
            DefaultBackendService = parsed.GetValue(_defaultBackend),
            DefaultSslCertificate = parsed.GetValue(_defaultCertificate),
            ConfigMap = parsed.GetValue(_configMap),
        },
    };

    private static TimeSpan DefaultPreStopDelay =>
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is null ? TimeSpan.Zero : TimeSpan.FromSeconds(10);

    private static Option<int> Port(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "PORT",
        CustomParser = result => ParsePort(result, least: 0) ?? 0,
    };

    private static int? ParsePort(ArgumentResult result, int least) =>
        ushort.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port >= least
            ? port
            : Fail<int?>(result, $"is not a port: a number from {least} to 65535");

    private static Option<ObjectName?> Name(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NAMESPACE/NAME",
        CustomParser = result => ObjectName.TryParse(result.Tokens[0].Value, out var parsed)
            ? parsed
            : Fail<ObjectName?>(result, "is not of the form namespace/name"),
    };

    private static Option<TimeSpan> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result => Durations.TryParse(result.Tokens[0].Value, out var duration)
            ? duration
            : Fail<TimeSpan>(result, "is not a duration such as 30s, 500ms or 2m"),
    };

    private static Option<T> Choice<T>(string name, string description, T byDefault)
        where T : struct, Enum
    {
        var names = string.Join('|', Enum.GetNames<T>()).ToLowerInvariant();
        return new Option<T>(name)
        {
            Description = $"{description} [default: {byDefault.ToString().ToLowerInvariant()}]",
            HelpName = names,
            CustomParser = result => names.Split('|').Contains(result.Tokens[0].Value.ToLowerInvariant())
                ? Enum.Parse<T>(result.Tokens[0].Value, ignoreCase: true)
                : Fail<T>(result, $"is not one of {names}"),
        };
    }

    private static T? Fail<T>(ArgumentResult result, string problem)
    {
        result.AddError($"{(result.Parent as OptionResult)?.Option.Name}: '{result.Tokens[0].Value}' {problem}.");
        return default;
    }
}
