using System.Globalization;
using System.Net;
using Gateway.Benchmarks.Comparison.Measuring;

namespace Gateway.Benchmarks.Comparison.Peers;

/// <summary>What a peer is to do; the same for all of a case.</summary>
/// <param name="Backend">Where all of its routes lead.</param>
/// <param name="Cores">Where it runs; it gets as many workers as it has cores.</param>
/// <param name="Routes">The number of hosts it serves, with one route each.</param>
/// <param name="Log">Its access log.</param>
internal sealed record PeerSetup(IPEndPoint Backend, Cores Cores, int Routes = 1, AccessLog Log = AccessLog.Off)
{
    /// <summary>The host of a route.</summary>
    public static string Host(int route) => string.Create(CultureInfo.InvariantCulture, $"site-{route}.example.com");

    /// <summary>All hosts.</summary>
    public IEnumerable<string> Hosts => Enumerable.Range(0, Routes).Select(Host);
}

/// <summary>How requests are logged.</summary>
internal enum AccessLog
{
    /// <summary>Not at all.</summary>
    Off,

    /// <summary>As the peer does it when asked for a log and nothing else.</summary>
    Default,

    /// <summary>With a buffer, where the peer's default has none.</summary>
    Buffered,
}
