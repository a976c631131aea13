using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Ingress.Annotations;

/// <summary>
/// What the gateway does not do yet. Annotations that protect something, or without which requests would go where
/// they must not, fail closed: the Ingress's routes answer 503. Others are reported and left out.
/// </summary>
internal static class UnsupportedAnnotations
{
    private const string RewriteTarget = "rewrite-target";
    private const int MostCauses = 5;

    public static RoutePolicy Read(AnnotationReader annotations, RoutePolicy policy)
    {
        List<string> denying = policy.DenyCause is { } cause ? [cause] : [];
        foreach (var (annotation, value) in annotations.Unread)
        {
            var field = AnnotationReader.FieldOf(annotation);
            var name = annotation[(annotation.IndexOf('/') + 1)..];
            var nginx = annotation.StartsWith(Resources.Annotations.NginxPrefix, StringComparison.Ordinal);
            if (IsHarmless(name, value, nginx, annotations.Ingress))
                continue;
            if (nginx ? KnownAnnotations.FailsClosed(name) : KnownAnnotations.YarpFailsClosed(name))
            {
                denying.Add(annotation);
                annotations.Diagnostics.Error(
                    field, value, "this annotation is not supported yet but must not be ignored, so the routes of this Ingress answer 503",
                    "Remove it, if the routes may be served without");
                continue;
            }
            var (known, whose) = nginx ? (KnownAnnotations.Nginx, "ingress-nginx") : (KnownAnnotations.Yarp, "YARP");
            if (known.Contains(name))
                annotations.Diagnostics.Warning(field, value, "this annotation is not supported yet, so the Ingress is served without it", "Remove it, or expect no effect");
            else
                annotations.Diagnostics.Unknown(field, value, $"{whose} has no annotation of this name, and it has no effect", name, known);
        }
        return denying.Count == 0 ? policy : policy with { DenyCause = CauseOf(denying) };
    }

    /// <summary>What each refused request is logged with: not thousands of names.</summary>
    private static string CauseOf(List<string> denying) => denying.Count <= MostCauses
        ? string.Join(", ", denying)
        : $"{string.Join(", ", denying.Take(MostCauses))} and {denying.Count - MostCauses} more";

    private static bool IsHarmless(string name, string value, bool nginx, IngressResource ingress)
    {
        if (!nginx)
            return false;
        if (KnownAnnotations.WithoutMeaning.Contains(name))
            return true;
        if (KnownAnnotations.Switches.Contains(name))
            return NginxValue.TryBool(value, out var on) && !on;
        if (KnownAnnotations.OffByName.Contains(name))
            return value == "off";
        // cert-manager writes it so on the Ingresses of its solvers, lest they inherit a shorter list.
        if (name is "allowlist-source-range" or "whitelist-source-range")
            return TakesEveryone(value);
        // ingress-nginx rewrites nothing when the path is the target already, as in many a tutorial.
        return name == RewriteTarget && value.Trim() == "/" && ingress.Rules.All(rule => rule.Paths.All(path => path.Path is "/" or ""));
    }

    private static bool TakesEveryone(string value)
    {
        var ranges = value.Split(',', StringSplitOptions.TrimEntries);
        return ranges.Contains("0.0.0.0/0") && ranges.Contains("::/0");
    }
}
