using System.Net;
using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Validation;

/// <summary>networking.k8s.io/v1 Ingress: rules, hosts, paths, and the addresses of the status. Backends and tls are not looked at.</summary>
internal static class IngressRules
{
    private static readonly string[] NotInPaths = ["//", "/./", "/../", "%2f", "%2F"];

    public static void Check(List<Cause> causes, JsonObject ingress)
    {
        var rules = ingress.ObjectsAt("spec.rules").ToArray();
        for (var i = 0; i < rules.Length; i++)
        {
            if (rules[i].TextAt("host") is { Length: > 0 } host)
                Names.CheckHost(causes, $"spec.rules[{i}].host", host, wildcard: true);
            var paths = rules[i].ObjectsAt("http.paths").ToArray();
            for (var j = 0; j < paths.Length; j++)
                Path(causes, $"spec.rules[{i}].http.paths[{j}]", paths[j].TextAt("path") ?? "", paths[j].TextAt("pathType"));
        }
        var addresses = ingress.ObjectsAt("status.loadBalancer.ingress").ToArray();
        for (var i = 0; i < addresses.Length; i++)
        {
            var field = $"status.loadBalancer.ingress[{i}]";
            if (addresses[i].TextAt("ip") is { Length: > 0 } ip && !IPAddress.TryParse(ip, out _))
                causes.Add(Cause.Invalid($"{field}.ip", ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
            if (addresses[i].TextAt("hostname") is { Length: > 0 } host)
                Names.CheckHost(causes, $"{field}.hostname", host, wildcard: false);
        }
    }

    private static void Path(List<Cause> causes, string field, string path, string? type)
    {
        if (type is null)
            causes.Add(Cause.Required($"{field}.pathType", "pathType must be specified"));
        else if (type is not ("Exact" or "Prefix" or "ImplementationSpecific"))
            causes.Add(Cause.Unsupported($"{field}.pathType", type, "Exact", "ImplementationSpecific", "Prefix"));
        else if (!path.StartsWith('/') && (path.Length > 0 || type != "ImplementationSpecific"))
            causes.Add(Cause.Invalid($"{field}.path", path, "must be an absolute path"));
        else if (type != "ImplementationSpecific" && NotInPaths.FirstOrDefault(part => path.Contains(part, StringComparison.Ordinal)) is { } part)
            causes.Add(Cause.Invalid($"{field}.path", path, $"must not contain '{part}'"));
        else if (type != "ImplementationSpecific" && (path.EndsWith("/..", StringComparison.Ordinal) || path.EndsWith("/.", StringComparison.Ordinal)))
            causes.Add(Cause.Invalid($"{field}.path", path, $"cannot end with '{path[path.LastIndexOf('/')..]}'"));
    }
}
