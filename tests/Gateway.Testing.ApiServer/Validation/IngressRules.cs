using System.Net;
using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Validation;

/// <summary>networking.k8s.io/v1 Ingress.</summary>
internal static class IngressRules
{
    private const string ClassAnnotation = "kubernetes.io/ingress.class";

    public static void Check(List<Cause> causes, JsonObject ingress)
    {
        var spec = ingress["spec"];
        var rules = ingress.ObjectsAt("spec.rules").ToArray();
        if (rules.Length == 0 && spec?["defaultBackend"] is null)
            causes.Add(Cause.Invalid("spec", null, "either `defaultBackend` or `rules` must be specified"));
        if (spec?["defaultBackend"] is { } standard)
            Backend(causes, "spec.defaultBackend", standard);
        if (spec.TextAt("ingressClassName") is { } name)
        {
            Names.CheckSubdomain(causes, "spec.ingressClassName", name);
            if ((string?)ingress["metadata"]!["annotations"]?[ClassAnnotation] is { } old && old != name)
                causes.Add(Cause.Invalid($"annotations.{ClassAnnotation}", old, "must match `ingressClassName` when both are specified"));
        }
        for (var i = 0; i < rules.Length; i++)
            Rule(causes, $"spec.rules[{i}]", rules[i]);
        var tls = ingress.ObjectsAt("spec.tls").ToArray();
        for (var i = 0; i < tls.Length; i++)
        {
            var hosts = tls[i]["hosts"] as JsonArray ?? [];
            for (var j = 0; j < hosts.Count; j++)
                Names.CheckHost(causes, $"spec.tls[{i}].hosts[{j}]", (string)hosts[j]!);
            if (tls[i].TextAt("secretName") is { Length: > 0 } secret)
                Names.CheckSubdomain(causes, $"spec.tls[{i}].secretName", secret);
        }
        Status(causes, ingress);
    }

    private static void Rule(List<Cause> causes, string field, JsonObject rule)
    {
        if (rule.TextAt("host") is { Length: > 0 } host)
            Names.CheckHost(causes, $"{field}.host", host);
        if (rule["http"] is null)
            return;
        var paths = rule.ObjectsAt("http.paths").ToArray();
        if (paths.Length == 0)
            causes.Add(Cause.Required($"{field}.http.paths"));
        for (var i = 0; i < paths.Length; i++)
        {
            Path(causes, $"{field}.http.paths[{i}]", paths[i]);
            Backend(causes, $"{field}.http.paths[{i}].backend", paths[i]["backend"]);
        }
    }

    private static void Path(List<Cause> causes, string field, JsonObject rule)
    {
        var path = rule.TextAt("path") ?? "";
        switch (rule.TextAt("pathType"))
        {
            case null:
                causes.Add(Cause.Required($"{field}.pathType", "pathType must be specified"));
                break;
            case "Exact" or "Prefix":
                if (!path.StartsWith('/'))
                    causes.Add(Cause.Invalid($"{field}.path", path, "must be an absolute path"));
                foreach (var part in (string[])["//", "/./", "/../", "%2f", "%2F"])
                {
                    if (path.Contains(part, StringComparison.Ordinal))
                        causes.Add(Cause.Invalid($"{field}.path", path, $"must not contain '{part}'"));
                }
                foreach (var end in (string[])["/..", "/."])
                {
                    if (path.EndsWith(end, StringComparison.Ordinal))
                        causes.Add(Cause.Invalid($"{field}.path", path, $"cannot end with '{end}'"));
                }
                break;
            case "ImplementationSpecific":
                if (path.Length > 0 && !path.StartsWith('/'))
                    causes.Add(Cause.Invalid($"{field}.path", path, "must be an absolute path"));
                break;
            case var other:
                causes.Add(Cause.Unsupported($"{field}.pathType", other, "Exact", "ImplementationSpecific", "Prefix"));
                break;
        }
    }

    private static void Backend(List<Cause> causes, string field, JsonNode? backend)
    {
        if (backend?["service"] is not JsonObject service)
        {
            if (backend?["resource"] is null)
                causes.Add(Cause.Invalid(field, "", "resource or service backend is required"));
            return;
        }
        if (backend["resource"] is not null)
        {
            causes.Add(Cause.Invalid(field, "", "cannot set both resource and service backends"));
            return;
        }
        Names.CheckLabel(causes, $"{field}.service.name", service.TextAt("name"));
        var (name, number) = (service.TextAt("port.name"), (int?)service.At("port.number") ?? 0);
        if (name is { Length: > 0 } && number != 0)
            causes.Add(Cause.Invalid(field, "", "cannot set both port name & port number"));
        else if (name is not { Length: > 0 } && number == 0)
            causes.Add(Cause.Required(field, "port name or number is required"));
        else if (name is { Length: > 15 })
            causes.Add(Cause.Invalid($"{field}.service.port.name", name, "must be no more than 15 characters"));
        else if (number is < 0 or > 65535)
            causes.Add(Cause.Invalid($"{field}.service.port.number", number, "must be between 1 and 65535, inclusive"));
    }

    private static void Status(List<Cause> causes, JsonObject ingress)
    {
        var addresses = ingress.ObjectsAt("status.loadBalancer.ingress").ToArray();
        for (var i = 0; i < addresses.Length; i++)
        {
            var field = $"status.loadBalancer.ingress[{i}]";
            if (addresses[i].TextAt("ip") is { Length: > 0 } ip && !IPAddress.TryParse(ip, out _))
                causes.Add(Cause.Invalid($"{field}.ip", ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
            if (addresses[i].TextAt("hostname") is not { Length: > 0 } host)
                continue;
            if (IPAddress.TryParse(host, out _))
                causes.Add(Cause.Invalid($"{field}.hostname", host, "must be a DNS name, not an IP address"));
            else
                Names.CheckSubdomain(causes, $"{field}.hostname", host);
        }
    }
}
