using System.Net;

namespace Gateway.Configuration.Services;

/// <summary>Judges what a Service of type ExternalName makes the gateway dial.</summary>
internal static class ExternalNames
{
    /// <summary>
    /// Why <paramref name="name"/> is not dialled, or null when it is. <see cref="LocalAddresses"/> are dialled only
    /// when <paramref name="local"/> is set.
    /// </summary>
    public static string? Judge(string name, bool local)
    {
        if (IPAddress.TryParse(name, out var address))
            return local || !LocalAddresses.Contain(address) ? null : "loopback and link-local addresses are not dialled";
        if (Uri.CheckHostName(name) != UriHostNameType.Dns)
            return "this is not a valid DNS name";
        return local || !IsLocalhost(name.TrimEnd('.')) ? null : "localhost is not dialled";
    }

    private static bool IsLocalhost(string name) =>
        name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
}
