using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Gateway.Configuration.Ingress;

/// <summary>
/// What a replica serves, in short: replicas that serve the same have the same hashes, in whatever order they learnt it.
/// Endpoints are hashed apart, since they differ for moments while pods come and go.
/// </summary>
/// <param name="Generation">How often <paramref name="Routes"/> has changed in this process.</param>
/// <param name="Routes">Of all routes, certificates and settings.</param>
/// <param name="Endpoints">Of the endpoints of all service ports that routes name.</param>
public sealed record ConfigurationHash(long Generation, ulong Routes, ulong Endpoints);

/// <summary>A hash of text that is the same in every process.</summary>
internal static class TextHash
{
    /// <summary>The first 64 bits of its SHA-256.</summary>
    public static ulong Of(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), hash);
        return MemoryMarshal.Read<ulong>(hash);
    }
}
