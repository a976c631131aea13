using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Ingress.Annotations;

/// <summary>All annotation families together.</summary>
internal static class IngressAnnotations
{
    /// <summary>The policy of an Ingress's routes; null for a canary, which adds none of its own.</summary>
    public static RoutePolicy? Read(IngressResource ingress, GatewaySettings settings, DiagnosticCollector diagnostics)
    {
        var annotations = new AnnotationReader(ingress, diagnostics);
        if (annotations.Bool("canary", false))
        {
            diagnostics.Warning(
                AnnotationReader.FieldOf(Resources.Annotations.NginxPrefix + "canary"), null,
                "canary Ingresses are not supported yet, so this one takes no requests", "Remove it, or expect all requests at the primary");
            return null;
        }
        var policy = RoutePolicy.From(settings);
        policy = RedirectAnnotations.Read(annotations, policy);
        policy = LimitAnnotations.Read(annotations, policy);
        policy = UpstreamAnnotations.Read(annotations, policy);
        policy = LogAnnotations.Read(annotations, policy);
        return UnsupportedAnnotations.Read(annotations, policy);
    }
}
