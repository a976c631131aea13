using System.Globalization;

namespace Gateway.Kubernetes.Api;

/// <summary>Kubernetes' <c>MicroTime</c>: UTC with exactly six fractional digits; the API server refuses any other number of them.</summary>
internal static class MicroTime
{
    /// <summary><paramref name="time"/> as the API server takes it.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
