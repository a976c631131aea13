using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Validation;

/// <summary>What is refused with 422: the rules that the gateway's own writes, or its tests' objects, could run into.</summary>
internal static class Rules
{
    public static List<Cause> Check(ResourceType type, JsonObject body, JsonObject? old, ApiServerOptions options)
    {
        List<Cause> causes = [];
        if (type.Group != "rbac.authorization.k8s.io")
            Names.CheckSubdomain(causes, "metadata.name", body.TextAt("metadata.name"));
        switch (type.Kind)
        {
            case "Ingress":
                IngressRules.Check(causes, body);
                break;
            case "EndpointSlice":
                EndpointSliceRules.Check(causes, body, options.AllowLoopbackEndpoints);
                Keep("addressType");
                break;
            case "Secret":
                foreach (var key in body.TextAt("type") == "kubernetes.io/tls" ? (string[])["tls.crt", "tls.key"] : [])
                {
                    if (body["data"]?[key] is null)
                        causes.Add(Cause.Required($"data[{key}]"));
                }
                Keep("type");
                break;
            case "IngressClass":
                Keep("spec.controller");
                break;
            case "Lease":
                if ((int?)body.At("spec.leaseDurationSeconds") is <= 0 and var duration)
                    causes.Add(Cause.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"));
                if ((int?)body.At("spec.leaseTransitions") is < 0 and var transitions)
                    causes.Add(Cause.Invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0"));
                break;
            case "Event":
                EventRules.Check(causes, body, old);
                break;
            default:
                break;
        }
        return causes;

        void Keep(string field)
        {
            if (old is not null && !old.At(field).SameAs(body.At(field)))
                causes.Add(Cause.Immutable(field, body.At(field)));
        }
    }
}
