using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Validation;

/// <summary>discovery.k8s.io/v1 EndpointSlice: what its addresses are. Types, ports and limits are not looked at.</summary>
internal static class EndpointSliceRules
{
    public static void Check(List<Cause> causes, JsonObject slice, bool allowLoopback)
    {
        var type = slice.TextAt("addressType");
        var endpoints = slice.ObjectsAt("endpoints").ToArray();
        for (var i = 0; i < endpoints.Length; i++)
        {
            var addresses = endpoints[i]["addresses"] as JsonArray ?? [];
            for (var j = 0; j < addresses.Count && type is "IPv4" or "IPv6"; j++)
            {
                if (Problem((string)addresses[j]!, type, allowLoopback) is { } problem)
                    causes.Add(Cause.Invalid($"endpoints[{i}].addresses{(problem.StartsWith("must be an IP", StringComparison.Ordinal) ? "" : $"[{j}]")}", addresses[j], problem));
            }
        }
    }

    private static string? Problem(string text, string type, bool allowLoopback)
    {
        if (!IPAddress.TryParse(text, out var address) || (address.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') != 3))
            return "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        if (address.AddressFamily != (type == "IPv4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6))
            return $"must be an {type} address";
        if (type == "IPv4" && text.Split('.').Any(part => part.Length > 1 && part[0] == '0'))
            return "must not have leading 0s";
        if (address.ToString() != text)
            return $"must be in canonical form (\"{address}\")";
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            return $"may not be unspecified ({address})";
        if (IPAddress.IsLoopback(address))
            return allowLoopback ? null : "may not be in the loopback range (127.0.0.0/8, ::1/128)";
        if (address.IsIPv6LinkLocal || text.StartsWith("169.254.", StringComparison.Ordinal))
            return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
        return text.StartsWith("224.0.0.", StringComparison.Ordinal) || text.StartsWith("ff02:", StringComparison.Ordinal)
            ? "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
            : null;
    }
}
