using System.Globalization;
using System.Text;
using Gateway.Proxy.Forwarding.Lean;

namespace Gateway.Proxy.Tests.Forwarding.Lean;

/// <summary>
/// The parsers of answers against naive ones, on bytes that are nearly right: the same verdict, whatever pieces the bytes come in.
/// <c>GATEWAY_FUZZ_CASES</c> sets how many; a failure names its seed, which <c>GATEWAY_TEST_SEED</c> runs alone.
/// </summary>
public sealed class ParserFuzzTests
{
    private static readonly int Cases =
        int.TryParse(Environment.GetEnvironmentVariable("GATEWAY_FUZZ_CASES"), CultureInfo.InvariantCulture, out var cases) ? cases : 100_000;

    private static readonly string[] LineEnds = ["\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n", "\n\r"];
    private static readonly string[] StatusLines =
    [
        "HTTP/1.1 200 OK", "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 200 OK", "HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified", "HTTP/1.1 100 Continue",
        "HTTP/1.1 101 Switching", "HTTP/1.1 999 x", "HTTP/1.1 099 x", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/2 200", "HTTP/1.1  200 OK", "http/1.1 200 OK",
        "HTTP/1.1 200 \u00f6\u0001", "HTTP/1.2 200 OK", "ICY 200 OK", "",
    ];
    private static readonly string[] Names =
    [
        "Content-Length", "content-length", "Transfer-Encoding", "Connection", "Content-Type", "Set-Cookie", "X", "grpc-status", "", " X", "X ", "X\t", "Bad Name", "N\u00e4me", "X\u0001",
    ];
    private static readonly string[] Colons = [":", ": ", ": ", ": ", " : ", ":\t ", "", "::"];
    private static readonly string[] Values =
    [
        "0", "5", "12", "-1", "+1", "1,1", "1 1", "0x5", "9223372036854775807", "9223372036854775808", "chunked", "Chunked", "gzip, chunked", "identity", "close",
        "keep-alive", "keep-alive, X", "a", "", "  padded\t", "a\0b", "a\u0001b", "\u007f", "\u00f6", "text/plain; charset=utf-8",
    ];
    private static readonly string[] Sizes =
    [
        "1", "a", "A", "3", "10", "0", "00", "0003", "123456789abcdef", "1234567890abcdef1", "-1", "+1", "0x3", "", " 3", "3 ", "3\t;", "3;a=b", "3;a=\"\r\n\"", "3;\u0001", "3;\u00f6", "g",
    ];

    [Fact]
    public void Heads_are_read_as_by_a_naive_parser() => Randomly.Repeat(Cases, random =>
    {
        var head = new StringBuilder(random.Pick<string>(StatusLines)).Append(random.Pick<string>(LineEnds));
        for (var fields = random.Next(5); fields > 0; fields--)
            head.Append(random.Pick<string>(Names)).Append(random.Pick<string>(Colons)).Append(random.Pick<string>(Values)).Append(random.Pick<string>(LineEnds));
        head.Append(random.Pick<string>(LineEnds)).Append("body");
        var bytes = Mutate(random, head.ToString());

        Check(random, bytes, NaiveParser.Head(bytes), Head);
    });

    [Fact]
    public void Chunks_are_read_as_by_a_naive_parser() => Randomly.Repeat(Cases, random =>
    {
        var body = new StringBuilder();
        for (var chunks = random.Next(4); chunks > 0; chunks--)
        {
            var size = random.Next(20);
            var isRight = random.Next(4) > 0;
            body.Append(isRight ? size.ToString("x", CultureInfo.InvariantCulture) : random.Pick<string>(Sizes)).Append(random.Pick<string>(LineEnds));
            body.Append('d', size).Append(random.Pick<string>(LineEnds));
        }
        body.Append("0\r\n\r\n");
        var bytes = Mutate(random, body.ToString());

        Check(random, bytes, NaiveParser.Chunks(bytes), Chunks);
    });

    private static void Check(Random random, byte[] bytes, Parsed expected, Func<byte[], int[], Parsed> parse)
    {
        Assert.Equal(expected, parse(bytes, [bytes.Length]));
        Assert.Equal(expected, parse(bytes, [.. Enumerable.Range(1, bytes.Length)]));
        int[] ends = [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(bytes.Length + 1)).Order(), bytes.Length];
        Assert.Equal(expected, parse(bytes, ends));
    }

    /// <summary>Parses as the bytes come, by where the pieces end.</summary>
    private static Parsed Head(byte[] bytes, int[] ends)
    {
        var head = new ResponseHead();
        head.Reset();
        foreach (var end in ends)
        {
            var come = bytes.AsSpan(0, end);
            var status = head.Parse(come);
            if (status == ParseStatus.Malformed)
                return new Parsed(status);
            if (status == ParseStatus.Incomplete)
                continue;
            List<(string, string)> fields = [];
            for (var i = 0; i < head.Fields.Count; i++)
                fields.Add((Encoding.Latin1.GetString(head.Fields.Name(come, i)), Encoding.Latin1.GetString(head.Fields.Value(come, i))));
            return new Parsed(status, head.Length, NaiveParser.Describe(head.Status, head.Framing(isHead: false), head.ContentLength, fields));
        }
        return new Parsed(ParseStatus.Incomplete);
    }

    private static Parsed Chunks(byte[] bytes, int[] ends)
    {
        var reader = new ChunkedReader();
        var body = new StringBuilder();
        var read = 0;
        foreach (var end in ends)
        {
            while (read < end)
            {
                var status = reader.Read(bytes.AsSpan(read..end), out var consumed, out var data);
                body.Append(Encoding.Latin1.GetString(data));
                read += consumed;
                if (status != ParseStatus.Incomplete)
                    return new Parsed(status, status == ParseStatus.Complete ? read : 0, body.ToString());
            }
        }
        return new Parsed(ParseStatus.Incomplete, 0, body.ToString());
    }

    private static byte[] Mutate(Random random, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text).ToList();
        for (var changes = random.Next(3) == 0 ? random.Next(1, 3) : 0; changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes.RemoveAt(at);
                    break;
                case 1:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 2:
                    bytes[at] = (byte)random.Pick<char>('\r', '\n', '\0', ' ', ':', ';', '0', '\u007f', '\u00ff');
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }
        return [.. bytes];
    }
}
