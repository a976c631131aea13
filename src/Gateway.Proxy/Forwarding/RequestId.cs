using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Forwarding;

/// <summary>The id that a request is known by from the client to the upstream and in every log. It becomes text only where somebody wants it as text.</summary>
internal readonly struct RequestId
{
    /// <summary>Digits of one that is made here.</summary>
    public const int Digits = 32;

    private const int LongestKept = 128;

    private static readonly SearchValues<char> Visible =
        SearchValues.Create(string.Concat(Enumerable.Range(0x21, 0x7e - 0x20).Select(c => (char)c)));

    private readonly UInt128 _made;

    private RequestId(string? sent, UInt128 made) => (Sent, _made) = (sent, made);

    /// <summary>The client's own; null: it was made here.</summary>
    public string? Sent { get; }

    /// <summary>The client's own <c>X-Request-ID</c> if it is one value of at most 128 visible ASCII characters; else 32 hex digits.</summary>
    public static RequestId For(IHeaderDictionary headers)
    {
        var sent = headers["X-Request-ID"];
        return sent.Count == 1 && sent[0] is { Length: > 0 and <= LongestKept } id && !id.AsSpan().ContainsAnyExcept(Visible)
            ? new RequestId(id, 0)
            : new RequestId(null, new UInt128((ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue), (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue)));
    }

    /// <summary>Writes the <see cref="Digits"/> of one that was made here.</summary>
    public void WriteDigits(Span<byte> target)
    {
        var made = _made;
        Convert.TryToHexStringLower(MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in made)), target, out _);
    }

    public override string ToString() => Sent ?? string.Create(Digits, _made, static (text, made) =>
        Convert.TryToHexStringLower(MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in made)), text, out _));
}
