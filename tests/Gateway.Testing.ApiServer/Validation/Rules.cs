using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Validation;

/// <summary>What the API refuses with 422, as far as the recordings show it.</summary>
internal static class Rules
{
    public static List<Cause> Check(ResourceType type, JsonObject body, JsonObject? old, ApiServerOptions options)
    {
        List<Cause> causes = [];
        var name = body.TextAt("metadata.name");
        if (type.Kind is "Ingress" or "IngressClass" or "EndpointSlice" or "Secret" or "ConfigMap" or "Lease" or "Event" or "Pod" or "Node")
            Names.CheckSubdomain(causes, "metadata.name", name);
        switch (type.Kind)
        {
            case "Ingress":
                IngressRules.Check(causes, body);
                break;
            case "EndpointSlice":
                EndpointSliceRules.Check(causes, body, options.AllowLoopbackEndpoints);
                Keep("addressType");
                break;
            case "Service":
                Service();
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
                if (body.TextAt("spec.controller") is not { Length: > 0 } controller)
                    causes.Add(Cause.Required("spec.controller"));
                else if (!controller.Contains('/'))
                    causes.Add(Cause.Invalid("spec.controller", controller, "must be a domain-prefixed path (such as \"acme.io/foo\")"));
                Keep("spec.controller");
                break;
            case "Lease":
                if (body.At("spec.leaseDurationSeconds") is { } duration && (int)duration <= 0)
                    causes.Add(Cause.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"));
                if (body.At("spec.leaseTransitions") is { } transitions && (int)transitions < 0)
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

        void Service()
        {
            var external = body.TextAt("spec.type") == "ExternalName";
            if (external && body.TextAt("spec.externalName") is not { Length: > 0 })
                causes.Add(Cause.Required("spec.externalName"));
            var ports = body.ObjectsAt("spec.ports").ToArray();
            if (ports.Length == 0 && !external && body.TextAt("spec.clusterIP") != "None")
                causes.Add(Cause.Required("spec.ports"));
            for (var i = 0; i < ports.Length; i++)
            {
                if (ports.Length > 1 && ports[i].TextAt("name") is not { Length: > 0 })
                    causes.Add(Cause.Required($"spec.ports[{i}].name"));
                else if (ports[..i].Any(port => port.TextAt("name") == ports[i].TextAt("name")))
                    causes.Add(Cause.Duplicate($"spec.ports[{i}].name", ports[i].TextAt("name")));
            }
        }
    }
}
