using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Validation;

/// <summary>Why a request is refused before anything else is done with it. An HTTP/1 connection is closed after the answer.</summary>
/// <param name="StatusCode">400, 405 or 501.</param>
/// <param name="Reason">For the log and the answer: plain words, nothing of the request itself.</param>
internal sealed record RequestFault(int StatusCode, string Reason)
{
    public static readonly RequestFault Method = new(400, "The method is not one of upper-case letters, '-' and '_'.");
    public static readonly RequestFault MethodNotAllowed = new(StatusCodes.Status405MethodNotAllowed, "TRACE and CONNECT are not served.");
    public static readonly RequestFault TargetCharacters = new(400, "The request target has a character that must be percent-encoded.");
    public static readonly RequestFault TargetEscape = new(400, "The request target has a '%' without two hexadecimal digits after it.");
    public static readonly RequestFault TargetScheme = new(400, "The scheme of the request target is not that of the connection.");
    public static readonly RequestFault TargetAuthority = new(400, "The request target and the Host field name different hosts.");
    public static readonly RequestFault HostMissing = new(400, "The request names no host.");
    public static readonly RequestFault ConflictingLength = new(400, "The request has both Content-Length and Transfer-Encoding.");
    public static readonly RequestFault TransferEncoding = new(400, "Transfer-Encoding is not 'chunked' alone, or the request is HTTP/1.0.");
    public static readonly RequestFault UnknownTransferEncoding = new(StatusCodes.Status501NotImplemented, "The transfer coding is not known.");
    public static readonly RequestFault ConnectionField = new(400, "The request has a connection-specific field, which HTTP/2 forbids.");
    public static readonly RequestFault FieldName = new(400, "The name of a field has a character that names must not have.");
    public static readonly RequestFault FieldValue = new(400, "The value of a field has a control character.");
}
