namespace Gateway.Configuration.Ingress.Annotations;

/// <summary>What is told of requests.</summary>
internal static class LogAnnotations
{
    public static RoutePolicy Read(AnnotationReader annotations, RoutePolicy policy) => policy with
    {
        LogsAccess = annotations.Bool("enable-access-log", policy.LogsAccess),
    };
}
