using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Reading;

/// <summary>Where a LIST goes on: the state of <paramref name="Revision"/> (-1: the newest), from the key <paramref name="Start"/> on.</summary>
internal sealed record ContinueToken(long Revision, string Start)
{
    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        $$"""{"v":"meta.k8s.io/v1","rv":{{Revision}},"start":{{JsonSerializer.Serialize(Start)}}}"""));

    /// <exception cref="ApiStatus">400: no token of this server.</exception>
    public static ContinueToken Decode(string text)
    {
        try
        {
            var token = JsonNode.Parse(Base64Url.DecodeFromChars(text))!;
            return new((long)token["rv"]!, (string)token["start"]!);
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or NullReferenceException)
        {
            throw ApiStatus.BadRequest($"invalid continue token: continue key is not valid: {e.Message}");
        }
    }
}
