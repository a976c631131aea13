using System.Globalization;
using System.Text;

namespace Gateway.Proxy.Tests.Forwarding.Differential;

/// <summary>A request, and what the backend will make of it.</summary>
/// <param name="Number">What the backend knows it by.</param>
/// <param name="Method">The request's method.</param>
/// <param name="Request">The request as sent.</param>
/// <param name="Answer">The answer, in the parts that it is sent in.</param>
/// <param name="Closes">Whether the backend closes the connection then.</param>
internal sealed record GeneratedExchange(int Number, string Method, string Request, string[] Answer, bool Closes)
{
    /// <summary>The field that carries <see cref="Number"/>.</summary>
    public const string Mark = "X-Case";

    private static readonly string[] Targets =
        ["/", "/a%2Fb?x=1&y", "/a//b/./c", "/%7Euser", "/x?q=%zz|{}", "/quote\"d", "/?", "/" + new string('x', 2000), "/caf%C3%A9;v=1"];

    private static readonly string[] RequestFields =
    [
        "Accept: */*", "Accept-Encoding: gzip;q=0.5, br", "Cookie: a=1; b=2", "Cookie: c=3", "X-Many: 1", "X-Many: 2, 3", "X_Under: no", "X-Empty:",
        "X-Latin: caf\u00e9 \u00ff", "Connection: X-Private\r\nX-Private: secret", "Connection: keep-alive, X-Private\r\nX-Private: secret",
        "TE: trailers", "Trailer: X-Sum", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "Proxy: http://evil.test", "HTTP2-Settings: AAAA",
        "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: evil.test", "X-Forwarded-Proto: https", "X-Original-URI: /admin", "X-Real-IP: 192.0.2.1",
        "Forwarded: for=192.0.2.1", "ssl-client-verify: SUCCESS", "Range: bytes=0-1,5-", "If-None-Match: \"a\", W/\"b\"", "If-Modified-Since: yesterday",
        "Authorization: Basic YTpi", "User-Agent: odd (agent) / 1.0,2", "Referer: not a url", "Via: 1.1 other", "Date: today", "From: nobody",
        "Content-Type: text/plain", "Content-Language: de", "Expires: 0", "Allow: all", "Content-MD5: ?", "Upgrade: foo", "Max-Forwards: 3",
        "X-Tab: a\tb", "X-Spaces:   padded  ", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Origin: null",
        "X-Long: " + new string('y', 3000), "Accept: text/html", "!#$%&'*+-.^`|~: odd", "Sec-Fetch-Mode: cors", "Priority: u=1, i",
    ];

    private static readonly string[] AnswerFields =
    [
        "Content-Type: text/plain", "Content-Encoding: gzip", "Content-Language: de", "Set-Cookie: a=1; Path=/, odd", "Set-Cookie: b=2", "ETag: not quoted",
        "Last-Modified: yesterday", "Location: http://inside.test:81/x y", "Vary: Accept", "Vary: Cookie", "Cache-Control: no-cache=x,, max-age=0",
        "WWW-Authenticate: Basic realm=\"a\", Digest realm=\"b\"", "X-Empty:", "X-Latin: caf\u00e9 \u00ff", "Via: 1.1 inside", "Strict-Transport-Security: max-age=1",
        "Alt-Svc: h3=\":443\"", "Keep-Alive: timeout=5", "Connection: X-Private\r\nX-Private: secret", "Connection: keep-alive", "Connection: Keep-Alive, X-Private\r\nX-Private: 1",
        "Proxy-Connection: keep-alive", "Trailer: X-Sum", "Server: inside/1.0", "Date: Thu, 01 Jan 1970 00:00:00 GMT", "X-Pad: x", "X-Accel-Redirect: /etc/passwd",
        "X-Accel-Buffering: no", "Expires: 0", "Allow: GET", "X-Tab: a\tb", "X-Spaces:   padded\t ", "x-lower: case", "Age: -5", "Retry-After: soon", "grpc-status: 0",
        "X-Long: " + new string('z', 5000), "Content-Disposition: attachment; filename=\"a\u00e9.txt\"", "Accept-Ranges: bytes", "Upgrade: foo", "Link: </a>; rel=b",
        "Content-Security-Policy: default-src 'self'", "Pragma: no-cache", "Warning: 199 - odd", "X-Request-ID: theirs",
    ];

    private static readonly string[] Statuses =
    [
        "200 OK", "200 OK", "200 OK", "200 Fine", "200 ", "201 Created", "202 Accepted", "204 No Content", "206 Partial Content", "226 IM Used", "299 Odd", "301 Moved",
        "302 Found", "304 Not Modified", "400 Bad Request", "401 Unauthorized", "404 Not Found", "413 Too Much", "418 I'm a teapot", "426 Upgrade Required",
        "429 Too Many Requests", "500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "599 Last",
    ];

    /// <summary>What no client may be told is an answer.</summary>
    private static readonly string[] Broken =
    [
        "", "hello", "hello\r\n\r\n", "\r\n", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 Odd\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloo\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX(Y): a\r\nContent-Length: 0\r\n\r\n", "\u0016\u0003\u0001\u0002", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",
    ];

    /// <summary>Draws one.</summary>
    public static GeneratedExchange Draw(Random random, int number)
    {
        var method = random.Pick("GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PURGE");
        var (answer, closes) = DrawAnswer(random, method);
        var whole = random.Next(7) != 0;
        if (!whole)
            (answer, closes) = (random.Next(3) == 0 ? answer[..random.Next(answer.Length + 1)] : random.Pick<string>(Broken), true);
        // An HTTP/1.0 client cannot tell an answer that breaks off from one that ends.
        var version = whole && random.Next(20) == 0 ? "HTTP/1.0" : "HTTP/1.1";
        return new GeneratedExchange(number, method, DrawRequest(random, method, version, number), Split(random, answer), closes);
    }

    private static string DrawRequest(Random random, string method, string version, int number)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{method} {random.Pick<string>(Targets)} {version}\r\nHost: a\r\n{Mark}: {number}\r\nX-Request-ID: id-{number}\r\n")
            + DrawFields(random, RequestFields);
        if (random.Next(method is "GET" or "HEAD" or "OPTIONS" ? 10 : 2) != 0)
            return head + (random.Next(5) == 0 ? "Content-Length: 0\r\n\r\n" : "\r\n");
        var body = DrawBody(random);
        if (random.Next(4) == 0)
            head += "Expect: 100-continue\r\n";
        return version == "HTTP/1.1" && random.Next(2) == 0
            ? head + "Transfer-Encoding: chunked\r\n\r\n" + Chunk(random, body, "")
            : head + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n{body}");
    }

    private static (string Answer, bool Closes) DrawAnswer(Random random, string method)
    {
        var interim = random.Next(6) == 0 ? random.Join(3, "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n") : "";
        var version = random.Next(20) == 0 ? "HTTP/1.0" : "HTTP/1.1";
        var status = random.Pick<string>(Statuses);
        var head = $"{interim}{version} {status}\r\n{DrawFields(random, AnswerFields)}";
        var body = DrawBody(random);
        var hasBody = method != "HEAD" && !status.StartsWith("204", StringComparison.Ordinal) && !status.StartsWith("304", StringComparison.Ordinal);
        var closes = random.Next(10) == 0;
        if (closes && random.Next(2) == 0)
            head += "Connection: close\r\n";
        var length = string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n");
        if (!hasBody)
            return (head + (status.StartsWith("204", StringComparison.Ordinal) || random.Next(2) == 0 ? "\r\n" : length), closes);
        return random.Next(8) switch
        {
            0 => (head + "\r\n" + body, true),
            <= 3 when version == "HTTP/1.1" => (head + "Transfer-Encoding: chunked\r\n\r\n" + Chunk(random, body, random.Join(2, "X-Sum: 1\r\n", "X-Other: a b\r\n", "Content-Length: 5\r\n")), closes),
            _ => (head + length + body, closes),
        };
    }

    private static string DrawFields(Random random, string[] from) => string.Concat(random.GetItems(from, random.Next(8)).Select(field => field + "\r\n"));

    private static string DrawBody(Random random)
    {
        var length = random.Next(10) switch { 0 => 0, <= 6 => random.Next(100), <= 8 => random.Next(10_000), _ => random.Next(200_000) };
        return string.Create(length, random.Next(), static (text, seed) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)((seed + (i * 31)) & 0xff);
        });
    }

    private static string Chunk(Random random, string body, string trailers)
    {
        var chunks = new StringBuilder();
        for (var at = 0; at < body.Length;)
        {
            var size = Math.Min(body.Length - at, 1 + random.Next(random.Pick(3, 100, 20_000)));
            chunks.Append(CultureInfo.InvariantCulture, $"{size.ToString(random.Pick("x", "X", "x5"), CultureInfo.InvariantCulture)}{random.Pick("", "", "", ";a=b", ";a=\"b;c\"")}\r\n");
            chunks.Append(body, at, size).Append("\r\n");
            at += size;
        }
        return chunks.Append("0\r\n").Append(trailers).Append("\r\n").ToString();
    }

    private static string[] Split(Random random, string text)
    {
        List<string> parts = [];
        while (text.Length > 0 && random.Next(3) == 0)
        {
            var first = random.Next(text.Length);
            parts.Add(text[..first]);
            text = text[first..];
        }
        return [.. parts, text];
    }
}
