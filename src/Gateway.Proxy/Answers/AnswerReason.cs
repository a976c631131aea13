using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Answers;

/// <summary>Why the gateway answered a request itself. The name is stable: it stands in logs and answers.</summary>
/// <param name="Code">In snake case.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Message">For the person at the other end: says nothing about the cluster's inside.</param>
internal sealed record AnswerReason(string Code, int Status, string Message)
{
    public static readonly AnswerReason NoRoute =
        new("no_route", StatusCodes.Status404NotFound, "Nothing is served under this host and path.");

    public static readonly AnswerReason NoEndpoints =
        new("no_endpoints", StatusCodes.Status503ServiceUnavailable, "The service has no endpoint that takes requests.");

    public static readonly AnswerReason Denied =
        new("denied", StatusCodes.Status503ServiceUnavailable, "The configuration of this route is not valid.");

    public static readonly AnswerReason BodyTooLarge =
        new("body_too_large", StatusCodes.Status413PayloadTooLarge, "The request body is larger than this route allows.");

    public static readonly AnswerReason ClientTimeout =
        new("client_timeout", StatusCodes.Status408RequestTimeout, "The request body did not arrive in time.");

    public static readonly AnswerReason BadRequestBody =
        new("bad_request_body", StatusCodes.Status400BadRequest, "The request body is malformed.");

    public static readonly AnswerReason Misdirected =
        new("misdirected", StatusCodes.Status421MisdirectedRequest, "This host needs a TLS connection of its own.");

    public static readonly AnswerReason ConnectFailed =
        new("connect_failed", StatusCodes.Status502BadGateway, "The upstream refused the connection.");

    public static readonly AnswerReason ConnectTimeout =
        new("connect_timeout", StatusCodes.Status504GatewayTimeout, "The upstream did not accept the connection in time.");

    public static readonly AnswerReason UpstreamBroken =
        new("upstream_broken", StatusCodes.Status502BadGateway, "The upstream closed the connection or sent a broken answer.");

    public static readonly AnswerReason UpstreamTimeout =
        new("upstream_timeout", StatusCodes.Status504GatewayTimeout, "The upstream did not answer in time.");

    public static readonly AnswerReason SendTimeout =
        new("send_timeout", StatusCodes.Status504GatewayTimeout, "The upstream did not take the request in time.");

    public static readonly AnswerReason InternalError =
        new("internal_error", StatusCodes.Status500InternalServerError, "The gateway failed to handle this request.");

    /// <summary>The request itself is not acceptable: a status of 400, 405 or 501 with the reason in words.</summary>
    public static AnswerReason Invalid(int status, string message) => new("bad_request", status, message);
}
