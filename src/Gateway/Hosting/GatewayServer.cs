using System.Globalization;
using System.Net;
using Gateway.Admin;
using Gateway.CommandLine;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Model;
using Gateway.Logging;
using Gateway.Manifests;
using Gateway.Proxy;
using Gateway.Proxy.Listeners;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>The whole process: source, control loop, data plane and admin port, from start to drained end.</summary>
internal sealed partial class GatewayServer : IAsyncDisposable
{
    /// <summary>Runs until told to stop; returns the exit code.</summary>
    /// <param name="options">How.</param>
    /// <param name="output">Gets the start-up block, then <paramref name="afterStart"/>'s text.</param>
    /// <param name="cancellation">Stops it, as a signal would.</param>
    /// <param name="afterStart">What to print when all listens.</param>
    public static async Task<int> RunAsync(
        ServerOptions options, TextWriter output, CancellationToken cancellation, Func<GatewayAddresses, string>? afterStart = null)
    {
        using var signal = new StopSignal();
        using var logging = GatewayLogging.Create(options.LogLevel, options.LogFormat);
        var logger = logging.CreateLogger("Gateway");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signal.Requested, cancellation);
        try
        {
            await using var server = new GatewayServer(options, logging, logger, output);
            await server.RunAsync(signal, afterStart, stop.Token);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Success;
        }
        catch (IOException e)
        {
            // A port in use, an address that is not this machine's: the message says it all.
            Log.CannotStart(logger, e.Message);
            return ExitCode.Failure;
        }
    }

    /// <summary>How long the watch of an EndpointSlice may be behind that of an Ingress.</summary>
    private static readonly TimeSpan EndpointsPatience = TimeSpan.FromMilliseconds(500);

    private readonly ServerOptions _options;
    private readonly ILogger _logger;
    private readonly TextWriter _output;
    private readonly DiagnosticLog _diagnostics = new();
    private readonly ConfigurationTranslator _translator;
    private readonly DataPlane _dataPlane;
    private readonly ControlLoop _loop;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly IConfigurationSource _source;
    private readonly Cluster? _cluster;
    private readonly GatewayMetrics _metrics;
    private readonly AdminServer _admin;
    private readonly Readiness _readiness = new();
    private Task _writing = Task.CompletedTask;

    private GatewayServer(ServerOptions options, ILoggerFactory logging, ILogger logger, TextWriter output)
    {
        (_options, _logger, _output) = (options, logger, output);
        new DiagnosticReporter(logger).Attach(_diagnostics);
        var inCluster = options.Manifests is null;
        _translator = new ConfigurationTranslator(options.Translation, _diagnostics);
        var dataPlane = new DataPlaneOptions(AllowLocalAddresses: !inCluster || options.Cluster.AllowLocalAddresses)
        {
            Transport = options.Transport,
            Forwarder = options.Forwarder,
            AccessLog = Console.OpenStandardOutput(),
        };
        _dataPlane = new DataPlane(logging, _time, dataPlane);
        var grace = new ClassGrace(inCluster ? options.Cluster.ClassGrace : TimeSpan.Zero, _time);
        var newIngresses = new NewIngresses(_translator, inCluster ? EndpointsPatience : TimeSpan.Zero, _time);
        _loop = new ControlLoop(_translator, _dataPlane, _diagnostics, grace, newIngresses, _time, logger);
        _metrics = new GatewayMetrics(_translator, _loop, _diagnostics, _readiness);
        _cluster = inCluster ? new Cluster(options, _loop, _diagnostics, _time, logging) : null;
        _cluster?.AddTo(_metrics);
        _source = (IConfigurationSource?)_cluster ?? new ManifestFolder(options.Manifests!, _time, logging.CreateLogger<ManifestFolder>());
        _admin = new AdminServer(
            options, _readiness, _translator, _loop, _dataPlane, _diagnostics, _metrics, () => _cluster?.View ?? new SourceView(_source.Description, 0, null, []));
    }

    private async Task RunAsync(StopSignal signal, Func<GatewayAddresses, string>? afterStart, CancellationToken stop)
    {
        var adminAddress = await _admin.StartAsync(stop);
        _dataPlane.NeverDial(adminAddress.Port);
        using var ended = new CancellationTokenSource();
        var loop = _loop.RunAsync(_source.WatchAsync(ended.Token), ended.Token);
        try
        {
            await ServeAsync(loop, adminAddress, afterStart, stop);
            // The lease is given back at once, so that another replica writes status while this one drains.
            var leaving = _writing;
            await DrainAsync(signal);
            await leaving.WaitAsync(signal.Urgent);
        }
        finally
        {
            await ended.CancelAsync();
            // Not for long: a folder on a mount that is gone may never answer.
            await loop.WaitAsync(TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(Task loop, IPEndPoint adminAddress, Func<GatewayAddresses, string>? afterStart, CancellationToken stop)
    {
        await WaitForFirstStateAsync(loop, stop);
        // What reading everything for the first time left behind would otherwise stay resident for as long as little happens.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        await _dataPlane.StartAsync(stop);
        var http = await _dataPlane.OpenAsync(Listener(ListenerNames.Http, _options.HttpPort, tls: false), stop);
        var https = await _dataPlane.OpenAsync(Listener(ListenerNames.Https, _options.HttpsPort, tls: true), stop);
        _readiness.IsReady = true;

        var addresses = new GatewayAddresses(http, https, adminAddress);
        await _output.WriteLineAsync(StartupReport.Write(addresses, _translator, _source, _diagnostics.Current));
        if (afterStart is not null)
            await _output.WriteLineAsync(afterStart(addresses));
        await _output.FlushAsync(CancellationToken.None);

        if (_cluster is not null)
            _writing = _cluster.RunAsync(_dataPlane.NeverDial, stop);
        await StoppedAsync(loop, _writing, stop);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _dataPlane.DisposeAsync();
        await _admin.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    /// <summary>No port opens before the first whole state is in the tables: a restart never answers 404 for a host that it knew.</summary>
    private async Task WaitForFirstStateAsync(Task loop, CancellationToken stop)
    {
        var first = await Task.WhenAny(_loop.Synced, loop, Task.Delay(TimeSpan.FromSeconds(2), _time, stop));
        stop.ThrowIfCancellationRequested();
        if (first == loop)
            await loop;
        if (first != _loop.Synced)
            Log.Waiting(_logger, _source.Description);
        await (await Task.WhenAny(_loop.Synced, loop).WaitAsync(stop));
    }

    private ListenerDefinition Listener(string name, int port, bool tls) =>
        new(name, _options.BindAddress, port, tls) { PublicPort = tls ? 443 : _options.PublicHttpPort };

    private static async Task StoppedAsync(Task loop, Task writing, CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.Register(stopped.SetResult);
        // These end by themselves only when they fail; then the process must not live on with a frozen configuration.
        await await Task.WhenAny(writing.IsCompletedSuccessfully ? [stopped.Task, loop] : [stopped.Task, loop, writing]);
    }

    private async Task DrainAsync(StopSignal signal)
    {
        _readiness.IsReady = false;
        _dataPlane.StartTurningAway();
        Log.Stopping(_logger, _options.PreStopDelay.TotalSeconds, _options.ShutdownTimeout.TotalSeconds);
        await Task.Delay(_options.PreStopDelay, _time, signal.Urgent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(signal.Urgent);
        deadline.CancelAfter(_options.ShutdownTimeout);
        await _dataPlane.StopAsync(deadline.Token);
        if (deadline.IsCancellationRequested)
            Log.CutOff(_logger);
        else
            Log.Drained(_logger);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "Cannot start: {Reason}")]
        public static partial void CannotStart(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Waiting for {Source} before the ports open.")]
        public static partial void Waiting(ILogger logger, string source);

        [LoggerMessage(3, LogLevel.Information, "Stopping: {Delay} s until the ports close, then at most {Timeout} s for requests in flight.")]
        public static partial void Stopping(ILogger logger, double delay, double timeout);

        [LoggerMessage(4, LogLevel.Information, "Drained: every request in flight was answered.")]
        public static partial void Drained(ILogger logger);

        [LoggerMessage(5, LogLevel.Warning, "Time is up: what was still in flight has been cut off.")]
        public static partial void CutOff(ILogger logger);
    }
}

/// <summary>Where the gateway listens.</summary>
internal sealed record GatewayAddresses(IPEndPoint Http, IPEndPoint Https, IPEndPoint Admin)
{
    /// <summary>A URL that this machine reaches <paramref name="endPoint"/> by.</summary>
    public static string Url(string scheme, IPEndPoint endPoint)
    {
        var host = endPoint.Address.Equals(IPAddress.IPv6Any) || endPoint.Address.Equals(IPAddress.Any) ? "localhost"
            : endPoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{endPoint.Address}]" : endPoint.Address.ToString();
        return string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{endPoint.Port}");
    }
}

/// <summary>Whether traffic should come; read by <c>/readyz</c>.</summary>
internal sealed class Readiness
{
    private volatile bool _isReady;

    public bool IsReady { get => _isReady; set => _isReady = value; }
}
