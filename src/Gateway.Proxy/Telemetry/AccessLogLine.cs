using System.Buffers.Text;
using System.Text;
using Gateway.Proxy.Forwarding;
using Microsoft.Extensions.Primitives;

namespace Gateway.Proxy.Telemetry;

/// <summary>
/// One line of the access log, in ingress-nginx's default format <c>upstreaminfo</c>: <c>$remote_addr - $remote_user
/// [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time
/// [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length
/// $upstream_response_time $upstream_status $req_id</c>.
/// </summary>
internal static class AccessLogLine
{
    /// <summary>Longest user name of basic authentication that is written, in bytes as sent.</summary>
    private const int LongestUser = 512;

    /// <summary>Writes the line of <paramref name="exchange"/>, which is over, and a line feed.</summary>
    public static void Write(ref LineWriter line, Exchange exchange, ReadOnlySpan<byte> time)
    {
        var request = exchange.Request;
        var headers = request.Headers;
        var record = exchange.Record;
        line.TextOrDash(exchange.Client.Address);
        line.Raw(" - "u8);
        WriteUser(ref line, headers.Authorization);
        line.Raw(" ["u8);
        line.Raw(time);
        line.Raw("] \""u8);
        line.Text(request.Method);
        line.Raw((byte)' ');
        line.Text(request.RawTarget);
        line.Raw((byte)' ');
        line.Text(Protocol(request.Protocol));
        line.Raw("\" "u8);
        line.Number(record.Status ?? exchange.Response.StatusCode);
        line.Raw((byte)' ');
        line.Number(record.AnswerBody);
        line.Raw(" \""u8);
        WriteField(ref line, headers.Referer);
        line.Raw("\" \""u8);
        WriteField(ref line, headers.UserAgent);
        line.Raw("\" "u8);
        line.Number(RequestLength(exchange));
        line.Raw((byte)' ');
        line.Seconds(record.Elapsed);
        line.Raw(" ["u8);
        WriteUpstream(ref line, exchange);
        line.Raw("] [] "u8);
        WriteAttempts(ref line, record.Attempts);
        line.Raw((byte)' ');
        WriteId(ref line, exchange.RequestId);
        line.Raw((byte)'\n');
    }

    private static void WriteId(ref LineWriter line, RequestId id)
    {
        if (id.Sent is { } sent)
        {
            line.Text(sent);
            return;
        }
        Span<byte> digits = stackalloc byte[RequestId.Digits];
        id.WriteDigits(digits);
        line.Raw(digits);
    }

    private static string Protocol(string protocol) => protocol == "HTTP/2" ? "HTTP/2.0" : protocol;

    private static void WriteField(ref LineWriter line, StringValues values) => line.TextOrDash(values.ToString());

    /// <summary>The user of basic authentication (RFC 7617 2), whether or not it was asked for, as nginx's <c>$remote_user</c>.</summary>
    private static void WriteUser(ref LineWriter line, StringValues authorization)
    {
        const string Scheme = "Basic ";
        if (authorization.Count == 1 && authorization[0] is { } sent && sent.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && sent.Length <= LongestUser)
        {
            Span<byte> encoded = stackalloc byte[LongestUser];
            Span<char> user = stackalloc char[LongestUser];
            encoded = encoded[..Encoding.Latin1.GetBytes(sent.AsSpan(Scheme.Length), encoded)];
            if (Base64.DecodeFromUtf8InPlace(encoded, out var count) == System.Buffers.OperationStatus.Done
                && encoded[..count].IndexOf((byte)':') is > 0 and var end)
            {
                line.Text(user[..Encoding.Latin1.GetChars(encoded[..end], user)]);
                return;
            }
        }
        line.Raw((byte)'-');
    }

    /// <summary>What came of the request: its line, its fields as HTTP/1.1 writes them, its body.</summary>
    private static long RequestLength(Exchange exchange)
    {
        const int Separators = 4; // ": " and the line's end; two spaces and the line's end
        var request = exchange.Request;
        var length = exchange.Record.RequestBody
            + request.Method.Length + request.RawTarget.Length + request.Protocol.Length + Separators + "\r\n".Length;
        foreach (var (name, values) in exchange.Fields.All)
        {
            for (var i = 0; i < values.Count; i++)
                length += name.Length + Separators + (values[i]?.Length ?? 0);
        }
        return length;
    }

    /// <summary><c>namespace-service-port</c>, with the port's number; <c>upstream-default-backend</c> where no rule took the request; nothing where it did not get so far.</summary>
    private static void WriteUpstream(ref LineWriter line, Exchange exchange)
    {
        if ((exchange.Backend ?? exchange.Route?.FirstBackend) is { } backend)
        {
            var (service, port) = backend.Backend.Service;
            line.Text(service.Namespace);
            line.Raw((byte)'-');
            line.Text(service.Name);
            line.Raw((byte)'-');
            if (port.Number > 0)
                line.Number(port.Number);
            else
                line.Text(port.Name);
        }
        else if (exchange.Match is { Route: null })
        {
            line.Raw("upstream-default-backend"u8);
        }
    }

    /// <summary>Addresses, lengths, times and statuses of the tries, each separated by commas.</summary>
    private static void WriteAttempts(ref LineWriter line, ReadOnlySpan<Attempt> attempts)
    {
        if (attempts.IsEmpty)
        {
            line.Raw("- - - -"u8);
            return;
        }
        for (var i = 0; i < attempts.Length; i++)
        {
            Separate(ref line, i);
            line.Text(attempts[i].Endpoint.Authority);
        }
        line.Raw((byte)' ');
        for (var i = 0; i < attempts.Length; i++)
        {
            Separate(ref line, i);
            line.Number(attempts[i].Length);
        }
        line.Raw((byte)' ');
        for (var i = 0; i < attempts.Length; i++)
        {
            Separate(ref line, i);
            line.Seconds(attempts[i].Duration);
        }
        line.Raw((byte)' ');
        for (var i = 0; i < attempts.Length; i++)
        {
            Separate(ref line, i);
            if (attempts[i].Status == 0)
                line.Raw((byte)'-');
            else
                line.Number(attempts[i].Status);
        }
    }

    private static void Separate(ref LineWriter line, int index)
    {
        if (index > 0)
            line.Raw(", "u8);
    }
}
