namespace Gateway.Configuration.Ingress.Annotations;

/// <summary>The redirect to https.</summary>
internal static class RedirectAnnotations
{
    public static RoutePolicy Read(AnnotationReader annotations, RoutePolicy policy) => policy with
    {
        SslRedirect = annotations.Bool("ssl-redirect", policy.SslRedirect),
        ForceSslRedirect = annotations.Bool("force-ssl-redirect", policy.ForceSslRedirect),
        PreserveTrailingSlash = annotations.Bool("preserve-trailing-slash", policy.PreserveTrailingSlash),
    };
}
