using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Forwarding;

/// <summary>The id that a request is known by from the client to the upstream and in every log.</summary>
internal static class RequestId
{
    private const int LongestKept = 128;
    private static readonly SearchValues<char> Visible =
        SearchValues.Create(string.Concat(Enumerable.Range(0x21, 0x7e - 0x20).Select(c => (char)c)));

    /// <summary>The client's own <c>X-Request-ID</c> if it is one value of at most 128 visible ASCII characters; else 32 hex digits.</summary>
    /// <param name="headers">The request's fields.</param>
    /// <param name="isClients">Whether it is the client's own.</param>
    public static string For(IHeaderDictionary headers, out bool isClients)
    {
        var sent = headers["X-Request-ID"];
        isClients = sent.Count == 1 && sent[0] is { Length: > 0 and <= LongestKept } id && !id.AsSpan().ContainsAnyExcept(Visible);
        return isClients ? sent[0]! : Generate();
    }

    private static string Generate() =>
        string.Create(32, 0, static (span, _) =>
        {
            Span<long> random = [Random.Shared.NextInt64(long.MinValue, long.MaxValue), Random.Shared.NextInt64(long.MinValue, long.MaxValue)];
            Convert.TryToHexStringLower(MemoryMarshal.AsBytes(random), span, out _);
        });
}
