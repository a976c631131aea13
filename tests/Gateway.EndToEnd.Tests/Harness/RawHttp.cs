using System.Globalization;
using System.Net;
using System.Text;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>HTTP/1.1 as typed: targets and hosts that no client library would send.</summary>
internal static class RawHttp
{
    /// <summary>GETs <paramref name="target"/> with this <c>Host</c> field, over TLS where <paramref name="port"/> is the gateway's TLS port.</summary>
    public static async Task<Answer> GetAsync(GatewayProcess gateway, int port, string host, string target)
    {
        await using var stream = port == gateway.HttpsPort
            ? await TlsClient.ShakeHandsAsync(port, host)
            : await TlsClient.ConnectAsync(port, TestContext.Current.CancellationToken);
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return Parse(await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Takes apart an answer that ended with its connection. Not for chunked ones.</summary>
    private static Answer Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, $"no answer but '{text}'");
        var lines = text[..end].Split("\r\n");
        var fields = lines[1..].Select(line => line.Split(": ", 2)).ToDictionary(field => field[0], field => field[1], StringComparer.OrdinalIgnoreCase);
        return new Answer((HttpStatusCode)int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), text[(end + 4)..], fields, HttpVersion.Version11);
    }
}
