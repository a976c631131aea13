using System.Collections.Concurrent;
using System.Net;
using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;
using Endpoint = Gateway.Proxy.Endpoints.Endpoint;

namespace Gateway.Proxy.Forwarding;

/// <summary>Moves requests by YARP's <see cref="IHttpForwarder"/>: HTTP/1.1 and HTTP/2, streams, upgrades, gRPC, trailers.</summary>
internal sealed class YarpForwarder : IForwarder, IDisposable
{
    private static readonly TimeSpan RetireAfter = TimeSpan.FromMinutes(1);

    private readonly ServiceProvider _services;
    private readonly IHttpForwarder _forwarder;
    private readonly UpstreamDialer _dialer;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<(BackendProtocol, TimeSpan), ForwarderRequestConfig> _configs = new();
    private volatile UpstreamHandlers _handlers;

    public YarpForwarder(GatewaySettings settings, UpstreamDialer dialer, TimeProvider time)
    {
        _dialer = dialer;
        _time = time;
        // YARP's own log lines would say again, with less, what the forward loop says.
        _services = new ServiceCollection().AddLogging().AddHttpForwarder().AddSingleton(time).BuildServiceProvider();
        _forwarder = _services.GetRequiredService<IHttpForwarder>();
        _handlers = new UpstreamHandlers(settings, _dialer);
    }

    /// <summary>Takes over changed settings of connections for new ones; the old ones are closed when their requests have ended.</summary>
    public void Apply(GatewaySettings settings)
    {
        var retired = _handlers;
        if (retired.Serve(settings))
            return;
        _handlers = new UpstreamHandlers(settings, _dialer);
        _ = RetireAsync(retired);
    }

    private async Task RetireAsync(UpstreamHandlers handlers)
    {
        // A request may have picked the old set and not yet sent: it is not disposed under its feet.
        await Task.Delay(RetireAfter, _time);
        handlers.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask<ForwardOutcome> ForwardAsync(Exchange exchange, Endpoint endpoint)
    {
        exchange.HttpContext.Features.Set<IForwarderErrorFeature>(null);
        // What may become a tunnel: there YARP watches both directions.
        return exchange.IsUpgrade ? SendAsync(exchange, endpoint, null, null, CancellationToken.None) : ForwardWatchedAsync(exchange, endpoint);
    }

    private async ValueTask<ForwardOutcome> ForwardWatchedAsync(Exchange exchange, Endpoint endpoint)
    {
        using var givingUp = new CancellationTokenSource();
        var standstill = new Standstill(_time, givingUp.Cancel);
        standstill.Begin(exchange.Route!.Route.Timeouts);
        var body = exchange.Request.Body;
        try
        {
            if (!exchange.HasBody)
            {
                standstill.AwaitAnswer();
                return await SendAsync(exchange, endpoint, standstill, null, givingUp.Token);
            }
            var watch = new BodyWatch(body, exchange.MaxBodySize, exchange.State.Settings.ClientBodyTimeout, standstill, exchange.Record);
            exchange.Request.Body = watch;
            return await SendAsync(exchange, endpoint, standstill, watch, givingUp.Token);
        }
        finally
        {
            standstill.End();
            exchange.Request.Body = body;
        }
    }

    private async ValueTask<ForwardOutcome> SendAsync(Exchange exchange, Endpoint endpoint, Standstill? standstill, BodyWatch? body, CancellationToken cancellation)
    {
        exchange.Transformer.Reset(standstill, body);
        var protocol = exchange.Protocol;
        var idle = standstill is null ? exchange.Route!.Route.Timeouts.Read : Timeout.InfiniteTimeSpan;
        var error = await _forwarder.SendAsync(
            exchange.HttpContext, endpoint.HttpPrefix, _handlers.For(protocol), Config(protocol, idle), exchange.Transformer, cancellation);
        return error == ForwarderError.None ? ForwardOutcome.Success : Judge(exchange, error, standstill, body);
    }

    private ForwarderRequestConfig Config(BackendProtocol protocol, TimeSpan idle) =>
        _configs.GetOrAdd((protocol, idle), static key => new ForwarderRequestConfig
        {
            ActivityTimeout = key.Item2,
            Version = key.Item1 is BackendProtocol.Http2 or BackendProtocol.Http2Tls ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        });

    private static ForwardOutcome Judge(Exchange exchange, ForwarderError error, Standstill? standstill, BodyWatch? body)
    {
        // The upstream has said all it had to say, without waiting for the rest of the body.
        if (exchange.Transformer.IsAnswered)
            return ForwardOutcome.Success;
        var cause = exchange.HttpContext.GetForwarderErrorFeature()?.Exception;
        var started = exchange.Response.HasStarted;
        var outcome = standstill is { HasExpired: true }
            ? standstill.WaitsFor is Standstill.Waiting.Answer or Standstill.Waiting.Nobody ? JudgeSilence(exchange) : Standstill.Blame(standstill.WaitsFor)
            : error switch
            {
                ForwarderError.Request => JudgeRequest(cause),
                ForwarderError.RequestTimedOut => JudgeSilence(exchange),
                ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyClient
                    or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient
                    or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled => ForwardError.ClientGone,
                ForwarderError.ResponseBodyCanceled =>
                    exchange.HttpContext.RequestAborted.IsCancellationRequested ? ForwardError.ClientGone : ForwardError.ReadTimeout,
                ForwarderError.UpgradeActivityTimeout => ForwardError.ReadTimeout,
                ForwarderError.RequestBodyClient => JudgeBody(exchange, cause),
                ForwarderError.RequestCreation => ForwardError.Internal,
                _ => ForwardError.UpstreamBroken,
            };
        return new ForwardOutcome(outcome, body?.Touched ?? false, started, Innermost(cause));
    }

    /// <summary>An upstream that never accepted the connection has not seen the request.</summary>
    private static ForwardError JudgeSilence(Exchange exchange) =>
        exchange.Transformer.Connection is { IsOpening: true, IsSent: false } ? ForwardError.ConnectTimeout : ForwardError.ReadTimeout;

    private static ForwardError JudgeRequest(Exception? cause) => cause switch
    {
        HttpRequestException { InnerException: TimeoutException } => ForwardError.ConnectTimeout,
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
        } => ForwardError.ConnectFailed,
        _ => ForwardError.UpstreamBroken,
    };

    private static ForwardError JudgeBody(Exchange exchange, Exception? cause)
    {
        var refused = cause as BadHttpRequestException
            ?? (cause as AggregateException)?.InnerExceptions.OfType<BadHttpRequestException>().FirstOrDefault();
        return refused?.StatusCode switch
        {
            StatusCodes.Status413PayloadTooLarge => ForwardError.BodyTooLarge,
            StatusCodes.Status408RequestTimeout => ForwardError.ClientTimeout,
            not null => ForwardError.BadRequestBody,
            // The read was given up, and not for the client's sake: the upstream's connection is gone.
            null when IsGivenUp(cause) && !exchange.HttpContext.RequestAborted.IsCancellationRequested => ForwardError.UpstreamBroken,
            // Not refused, so broken off. RequestAborted may say so only later.
            null => ForwardError.ClientGone,
        };
    }

    /// <summary>YARP puts the failure of the body first, then that of the request.</summary>
    private static bool IsGivenUp(Exception? cause) =>
        cause is OperationCanceledException or AggregateException { InnerExceptions: [OperationCanceledException, ..] };

    private static Exception? Innermost(Exception? cause)
    {
        while (cause?.InnerException is { } inner)
            cause = inner;
        return cause;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handlers.Dispose();
        _services.Dispose();
    }
}
