using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Validation;

/// <summary>discovery.k8s.io/v1 EndpointSlice.</summary>
internal static class EndpointSliceRules
{
    public static void Check(List<Cause> causes, JsonObject slice, bool allowLoopback)
    {
        var type = slice.TextAt("addressType");
        if (type is null)
            causes.Add(Cause.Required("addressType"));
        else if (type is not ("IPv4" or "IPv6" or "FQDN"))
            causes.Add(Cause.Unsupported("addressType", type, "FQDN", "IPv4", "IPv6"));

        var endpoints = slice.ObjectsAt("endpoints").ToArray();
        if (endpoints.Length > 1000)
            causes.Add(new Cause("endpoints", "FieldValueTooMany", $"Too many: {endpoints.Length}: must have at most 1000 items"));
        for (var i = 0; i < endpoints.Length; i++)
        {
            var addresses = endpoints[i]["addresses"] as JsonArray ?? [];
            if (addresses.Count == 0)
                causes.Add(Cause.Required($"endpoints[{i}].addresses", "must contain at least 1 address"));
            for (var j = 0; j < addresses.Count && type is "IPv4" or "IPv6"; j++)
                Address(causes, $"endpoints[{i}].addresses", j, (string)addresses[j]!, type, allowLoopback);
        }

        var ports = slice.ObjectsAt("ports").ToArray();
        for (var i = 0; i < ports.Length; i++)
        {
            var name = ports[i].TextAt("name");
            if (name is { Length: > 0 })
                Names.CheckLabel(causes, $"ports[{i}].name", name);
            if (ports[..i].Any(port => port.TextAt("name") == name))
                causes.Add(Cause.Duplicate($"ports[{i}].name", name));
            if (ports[i].TextAt("protocol") is not ("TCP" or "UDP" or "SCTP"))
                causes.Add(Cause.Unsupported($"ports[{i}].protocol", ports[i].TextAt("protocol"), "SCTP", "TCP", "UDP"));
        }
    }

    private static void Address(List<Cause> causes, string field, int index, string text, string type, bool allowLoopback)
    {
        var family = type == "IPv4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var problem = !IPAddress.TryParse(text, out var address) || (address.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') != 3)
            ? "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
            : address.AddressFamily != family ? null
            : type == "IPv4" && text.Split('.').Any(part => part.Length > 1 && part[0] == '0') ? "must not have leading 0s"
            : address.ToString() != text ? $"must be in canonical form (\"{address}\")"
            : address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? $"may not be unspecified ({address})"
            : IPAddress.IsLoopback(address) ? allowLoopback ? "" : "may not be in the loopback range (127.0.0.0/8, ::1/128)"
            : address.IsIPv6LinkLocal || text.StartsWith("169.254.", StringComparison.Ordinal) ? "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
            : text.StartsWith("224.0.0.", StringComparison.Ordinal) || text.StartsWith("ff02:", StringComparison.Ordinal) ? "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
            : "";
        if (problem is null)
            causes.Add(Cause.Invalid(field, text, $"must be an {type} address"));
        else if (problem.Length > 0)
            causes.Add(Cause.Invalid($"{field}[{index}]", text, problem));
    }
}
