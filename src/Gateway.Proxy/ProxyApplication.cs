using System.Buffers;
using Gateway.Configuration.Model;
using Gateway.Proxy.Answers;
using Gateway.Proxy.Forwarding;
using Gateway.Proxy.Routing;
using Gateway.Proxy.Telemetry;
using Gateway.Proxy.Tls;
using Gateway.Proxy.Validation;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Gateway.Proxy;

/// <summary>
/// What happens to a request, in order: validate → match → filters → forward. The server calls it directly; there is
/// no pipeline between.
/// </summary>
internal sealed partial class ProxyApplication(
    RouteTable routes, ForwardLoop forward, ProxyState state, AccessLog accessLog, TimeProvider time, ILogger logger) : IHttpApplication<Exchange>
{
    private const int LongestPathOnStack = 512;

    private volatile ProxyState _state = state;
    private volatile bool _turnsAway;

    /// <summary>The state that new requests see.</summary>
    public ProxyState State { get => _state; set => _state = value; }

    /// <summary>Whether connections are to end with their next answer, since this process is about to.</summary>
    public bool TurnsAway { get => _turnsAway; set => _turnsAway = value; }

    /// <inheritdoc/>
    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        Exchange exchange;
        if (contextFeatures is IHostContextContainer<Exchange> container)
            exchange = container.HostContext ??= new Exchange(this, time);
        else
            exchange = new Exchange(this, time);
        exchange.Begin(contextFeatures, routes, _state);
        return exchange;
    }

    /// <inheritdoc/>
    public void DisposeContext(Exchange context, Exception? exception)
    {
        if (IsLogged(context))
            accessLog.Add(context);
        context.End();
    }

    /// <inheritdoc/>
    public Task ProcessRequestAsync(Exchange context)
    {
        var processing = Process(context);
        return processing.IsCompletedSuccessfully ? processing.AsTask() : GuardAsync(context, processing);
    }

    /// <summary>As in ingress-nginx, neither probes nor requests for hosts that no Ingress names are logged unless told.</summary>
    private static bool IsLogged(Exchange exchange)
    {
        var settings = exchange.State.Settings;
        return settings.AccessLog
            && exchange.Route?.Route.LogsAccess != false
            && (exchange.Match is not { Host: null } || settings.AccessLogForDefaultBackend);
    }

#pragma warning disable CA1031 // One request must not take down its connection's other requests, nor show its stack trace.
    private async Task GuardAsync(Exchange exchange, ValueTask processing)
    {
        try
        {
            await processing;
        }
        catch (Exception e)
        {
            await FailAsync(exchange, e);
        }
    }

    private ValueTask Process(Exchange exchange)
    {
        try
        {
            return (Answer(exchange) ?? Match(exchange) ?? Filter(exchange)) is { } answer ? new ValueTask(answer) : forward.RunAsync(exchange);
        }
        catch (Exception e)
        {
            return ValueTask.FromException(e);
        }
    }
#pragma warning restore CA1031

    /// <summary>Answers what needs no route, or must not get as far; null: go on.</summary>
    private static Task? Answer(Exchange exchange)
    {
        if (RequestValidator.Check(exchange.Request, exchange.Fields, exchange.FieldWatch, exchange.ExtendedConnect) is { } fault)
            return LocalAnswer.WriteAsync(exchange, AnswerReason.Invalid(fault.StatusCode, fault.Reason));
        if (RequestValidator.IsAboutGateway(exchange.Request))
            return LocalAnswer.WriteEmptyAsync(exchange);
        exchange.Target = RequestTarget.InOriginForm(exchange.Request.RawTarget);
        return null;
    }

    /// <summary>Finds the route; null when there is one, else the answer.</summary>
    private Task? Match(Exchange exchange)
    {
        var target = exchange.Target.AsSpan();
        var query = target.IndexOf('?');
        var rawPath = query < 0 ? target : target[..query];

        char[]? rented = null;
        var buffer = rawPath.Length <= LongestPathOnStack ? stackalloc char[LongestPathOnStack] : (rented = ArrayPool<char>.Shared.Rent(rawPath.Length));
        try
        {
            if (!PathNormalizer.TryNormalize(rawPath, buffer, out var path))
                return LocalAnswer.WriteAsync(exchange, AnswerReason.Invalid(StatusCodes.Status400BadRequest, "The path goes above the root, or encodes a character that a path must not have."));
            // Only HTTP/1.0 may come without a host; it is served as a host that nobody named.
            ReadOnlySpan<char> host = exchange.Request.Headers.Host.ToString();
            if (!host.IsEmpty && !HostName.TryParse(host, out host))
                return LocalAnswer.WriteAsync(exchange, AnswerReason.Invalid(StatusCodes.Status400BadRequest, "The host is not valid."));

            var request = new RequestView
            {
                Method = exchange.Request.Method,
                Path = path,
                Query = query < 0 ? [] : target[(query + 1)..],
                Headers = exchange.Request.Headers,
            };
            var match = exchange.Routes.Match(host, request);
            if (match.Host is { } served && MisdirectedRequest.Is(exchange.OpenedUnder, served.Tls))
                return LocalAnswer.WriteAsync(exchange, AnswerReason.Misdirected);
            exchange.Match = match;
            if (path is "/healthz" && IsProbe(match))
            {
                exchange.Match = default(MatchResult);
                return LocalAnswer.WriteEmptyAsync(exchange);
            }
            if (match.Route is { } route)
            {
                exchange.Route = route;
                return null;
            }
            if (routes.DefaultRoute is not { } fallback)
                return LocalAnswer.WriteAsync(exchange, AnswerReason.NoRoute);
            exchange.Route = fallback;
            return null;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<char>.Shared.Return(rented);
        }
    }

    /// <summary>Load balancers probe <c>/healthz</c> by address, under a name that no rule has; a rule for that very path goes first.</summary>
    private static bool IsProbe(MatchResult match) =>
        match.Host is null || (match.Host.Host == HostRoutes.AnyHost && match.Route?.Route.Match.Path.Value is null or "/");

    private static Task? Filter(Exchange exchange)
    {
        foreach (var filter in exchange.Route!.Filters)
        {
            if (filter.Apply(exchange) is { } answer)
                return answer;
        }
        return null;
    }

    private async Task FailAsync(Exchange exchange, Exception exception)
    {
        if (exchange.Lifetime.RequestAborted.IsCancellationRequested)
            return;
        Log.Failed(logger, exception, exchange.RequestId, exchange.Route?.Route.Id);
        if (exchange.Response.HasStarted)
        {
            exchange.HttpContext.Abort();
            return;
        }
        exchange.HttpContext.Response.Clear();
        await LocalAnswer.WriteAsync(exchange, AnswerReason.InternalError);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Request {RequestId} by {Route} failed inside the gateway.")]
        public static partial void Failed(ILogger logger, Exception exception, RequestId requestId, string? route);
    }
}
