using System.Runtime.CompilerServices;
using Gateway.Proxy.Answers;
using Gateway.Proxy.Balancing;
using Gateway.Proxy.Threading;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Proxy.Forwarding;

/// <summary>
/// Sends a request to endpoints of its route until one answers: a connection that could not be made is tried at the next
/// endpoint, whatever the method, since the upstream has seen nothing of the request.
/// </summary>
internal sealed partial class ForwardLoop(IForwarder forwarder, ILogger logger)
{
    /// <summary>Forwards the request of <paramref name="exchange"/>, whose route is set, and answers it in any case.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    public async ValueTask RunAsync(Exchange exchange)
    {
        if (exchange.Route!.Choose() is not { } backend)
        {
            await LocalAnswer.WriteAsync(exchange, AnswerReason.NoRoute);
            return;
        }
        exchange.Backend = backend;

        var tried = new TriedEndpoints();
        while (true)
        {
            var endpoint = RoundRobin.Choose(backend.Cluster, ref tried);
            if (endpoint is null)
            {
                await LocalAnswer.WriteAsync(exchange, backend.Backend.IsDefault ? AnswerReason.NoRoute : AnswerReason.NoEndpoints);
                return;
            }

            exchange.Endpoint = endpoint;
            ForwardOutcome outcome;
            exchange.Record.BeginAttempt();
            endpoint.Enter();
            try
            {
                outcome = await forwarder.ForwardAsync(exchange, endpoint);
            }
            finally
            {
                endpoint.Leave();
            }

            exchange.Record.EndAttempt(endpoint, Status(exchange, outcome));
            if (outcome.Error == ForwardError.None)
                return;
            if (outcome.Error == ForwardError.ClientGone)
                exchange.Record.Status = StatusCodes.Status499ClientClosedRequest;
            if (outcome.AnswerStarted || outcome.Error == ForwardError.ClientGone)
            {
                Log.CutOff(logger, exchange.RequestId, exchange.Route.Route.Id, endpoint.Authority, outcome.Error, outcome.Cause?.Message);
                // Nothing must look like an answer, should a part of the client still listen.
                exchange.HttpContext.Abort();
                return;
            }

            exchange.HttpContext.Response.Clear();
            if (!tried.Exhausted && outcome is { Error: ForwardError.ConnectFailed or ForwardError.ConnectTimeout, RequestBodyTouched: false })
            {
                Log.TryingNext(logger, exchange.RequestId, exchange.Route.Route.Id, endpoint.Authority, outcome.Error, outcome.Cause?.Message);
                continue;
            }
            if (IsClients(outcome.Error))
                Log.ClientFailed(logger, exchange.RequestId, exchange.Route.Route.Id, outcome.Error, outcome.Cause?.Message);
            else
                Log.Failed(logger, exchange.RequestId, exchange.Route.Route.Id, endpoint.Authority, tried.Count, outcome.Error, outcome.Cause?.Message);
            await LocalAnswer.WriteAsync(exchange, Reason(outcome.Error));
            return;
        }
    }

    /// <summary>The status of an attempt: that of the answer if one has begun, else what its failure is answered with; 0 where it is not the endpoint's.</summary>
    private static int Status(Exchange exchange, ForwardOutcome outcome) =>
        outcome.AnswerStarted ? exchange.Response.StatusCode
        : outcome.Error == ForwardError.ClientGone || IsClients(outcome.Error) ? 0
        : Reason(outcome.Error).Status;

    /// <summary>Whether the client failed, and not the endpoint.</summary>
    private static bool IsClients(ForwardError error) =>
        error is ForwardError.ClientTimeout or ForwardError.BodyTooLarge or ForwardError.BadRequestBody;

    private static AnswerReason Reason(ForwardError error) => error switch
    {
        ForwardError.ConnectFailed => AnswerReason.ConnectFailed,
        ForwardError.ConnectTimeout => AnswerReason.ConnectTimeout,
        ForwardError.UpstreamBroken => AnswerReason.UpstreamBroken,
        ForwardError.ReadTimeout => AnswerReason.UpstreamTimeout,
        ForwardError.SendTimeout => AnswerReason.SendTimeout,
        ForwardError.ClientTimeout => AnswerReason.ClientTimeout,
        ForwardError.BodyTooLarge => AnswerReason.BodyTooLarge,
        ForwardError.BadRequestBody => AnswerReason.BadRequestBody,
        _ => AnswerReason.InternalError,
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Request {RequestId} by {Route}: {Endpoint} failed before anything was sent ({Error}: {Cause}), trying the next endpoint.")]
        public static partial void TryingNext(ILogger logger, RequestId requestId, string route, string endpoint, ForwardError error, string? cause);

        [LoggerMessage(2, LogLevel.Warning, "Request {RequestId} by {Route}: {Endpoint} failed at try {Tries} ({Error}: {Cause}).")]
        public static partial void Failed(ILogger logger, RequestId requestId, string route, string endpoint, int tries, ForwardError error, string? cause);

        [LoggerMessage(3, LogLevel.Debug, "Request {RequestId} by {Route}: the exchange with {Endpoint} was cut off ({Error}: {Cause}).")]
        public static partial void CutOff(ILogger logger, RequestId requestId, string route, string endpoint, ForwardError error, string? cause);

        [LoggerMessage(4, LogLevel.Debug, "Request {RequestId} by {Route}: its body did not arrive as it should ({Error}: {Cause}).")]
        public static partial void ClientFailed(ILogger logger, RequestId requestId, string route, ForwardError error, string? cause);
    }
}
