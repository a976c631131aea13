using System.Buffers;
using System.Globalization;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress.Annotations;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Ingress;

/// <summary>Translates one Ingress by itself, before it meets others on its hosts.</summary>
internal static class IngressTranslation
{
    /// <summary>A request's path ends before '?' and '#', and one with control characters is refused.</summary>
    private static readonly SearchValues<char> InNoPath =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Append('#').Append('?').Append(0x7F).Select(code => (char)code)]);

    /// <summary>What the Ingress adds to its hosts; null when it adds nothing (a canary).</summary>
    public static TranslatedIngress? Translate(
        IngressResource ingress, Func<ObjectName, ServiceResource?> services, GatewaySettings settings, DiagnosticCollector diagnostics)
    {
        if (IngressAnnotations.Read(ingress, settings, diagnostics) is not { } policy)
            return null;

        var backends = new BackendTranslation(ingress.Name.Namespace, services, policy.Protocol, diagnostics);
        var byDefault = ingress.DefaultBackend is { } backend ? backends.Translate(backend, "spec.defaultBackend") : null;
        Dictionary<string, List<TranslatedPath>> hosts = new(StringComparer.Ordinal);
        var index = 0;
        for (var i = 0; i < ingress.Rules.Count; i++)
        {
            var rule = ingress.Rules[i];
            var host = rule.Host.ToLowerInvariant();
            if (!hosts.TryGetValue(host, out var paths))
                hosts.Add(host, paths = []);
            for (var j = 0; j < rule.Paths.Count; j++, index++)
            {
                if (TranslatePath(rule.Paths[j], $"spec.rules[{i}].http.paths[{j}]", index, backends, diagnostics) is { } path)
                    paths.Add(path);
            }
        }
        if (ingress.Rules.Count == 0)
            hosts.Add(HostRoutes.AnyHost, byDefault is null ? [] : [new TranslatedPath(new PathMatch(PathMatchKind.Prefix, "/"), byDefault, "spec.defaultBackend", 0)]);
        return new TranslatedIngress(
            ingress, policy, policy.Filters(redirects: false, settings), policy.Filters(redirects: true, settings), byDefault, hosts);
    }

    private static TranslatedPath? TranslatePath(
        IngressPath path, string field, int index, BackendTranslation backends, DiagnosticCollector diagnostics)
    {
        var value = path.Path.Length == 0 ? "/" : path.Path;
        if (value[0] != '/')
        {
            diagnostics.Error($"{field}.path", value, "the path is not served, since it does not start with a slash", $"Write \"/{value}\"");
            return null;
        }
        if (value.AsSpan().IndexOfAny(InNoPath) is >= 0 and var at)
        {
            diagnostics.Warning(
                $"{field}.path", value,
                string.Create(CultureInfo.InvariantCulture, $"no request matches the path, since it contains the character U+{(int)value[at]:X4}, which no request's path has"),
                "Write the path alone, without query, fragment or control characters");
        }
        var kind = path.Type == IngressPathType.Exact ? PathMatchKind.Exact : PathMatchKind.Prefix;
        return backends.Translate(path.Backend, $"{field}.backend") is { } backend
            ? new TranslatedPath(new PathMatch(kind, value), backend, $"{field}.path", index)
            : null;
    }
}
