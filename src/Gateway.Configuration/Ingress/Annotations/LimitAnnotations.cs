namespace Gateway.Configuration.Ingress.Annotations;

/// <summary>Limits on requests.</summary>
internal static class LimitAnnotations
{
    public static RoutePolicy Read(AnnotationReader annotations, RoutePolicy policy) => policy with
    {
        ProxyBodySize = annotations.Size("proxy-body-size", policy.ProxyBodySize),
    };
}
