using Gateway.Configuration.Model;

namespace Gateway.Configuration.Ingress.Annotations;

/// <summary>How the upstream is spoken to, and how long it may take.</summary>
internal static class UpstreamAnnotations
{
    private const string BackendProtocolName = "backend-protocol";

    public static RoutePolicy Read(AnnotationReader annotations, RoutePolicy policy) => policy with
    {
        Timeouts = new UpstreamTimeouts(
            annotations.Seconds("proxy-connect-timeout", policy.Timeouts.Connect),
            annotations.Seconds("proxy-read-timeout", policy.Timeouts.Read),
            annotations.Seconds("proxy-send-timeout", policy.Timeouts.Send)),
        Protocol = Protocol(annotations),
    };

    private static BackendProtocol? Protocol(AnnotationReader annotations)
    {
        if (annotations.Text(BackendProtocolName) is not { } text)
            return null;
        switch (text.Trim().ToUpperInvariant())
        {
            case "HTTP":
                return BackendProtocol.Http;
            case "HTTPS":
                return BackendProtocol.Https;
            case "GRPC":
                return BackendProtocol.Http2;
            case "GRPCS":
                return BackendProtocol.Http2Tls;
            default:
                annotations.Bad(BackendProtocolName, text, "HTTP, HTTPS, GRPC or GRPCS", "HTTP");
                return BackendProtocol.Http;
        }
    }
}
