using System.Text;
using System.Text.Json.Nodes;
using Gateway.Testing.ApiServer.Storage;

namespace Gateway.Testing.ApiServer.Writing;

/// <summary>What a server fills in for a client. Called under the store's gate.</summary>
internal sealed class Defaults(ObjectStore store)
{
    private int _clusterAddresses;

    public void Apply(ResourceType type, JsonObject body, JsonObject? old)
    {
        switch (type.Kind)
        {
            case "Ingress":
                if (old is null)
                    Class(body);
                body.Ensure("status").Default("""{"loadBalancer":{}}""");
                if (body.At("status.loadBalancer.ingress") is JsonArray { Count: 0 })
                    body["status"]!["loadBalancer"]!.AsObject().Remove("ingress");
                break;
            case "Service":
                Service(body, old);
                break;
            case "EndpointSlice":
                EndpointSlice(body);
                break;
            case "Secret":
                Secret(body);
                break;
            case "Namespace":
                body["metadata"]!.AsObject().Ensure("labels")["kubernetes.io/metadata.name"] = body.TextAt("metadata.name");
                body.Ensure("spec").Default("""{"finalizers":["kubernetes"]}""");
                body.Ensure("status").Default("""{"phase":"Active"}""");
                break;
            case "Event":
                body.Default("""{"deprecatedSource":{},"deprecatedFirstTimestamp":null,"deprecatedLastTimestamp":null}""");
                break;
            case "ValidatingWebhookConfiguration":
                foreach (var webhook in body.ObjectsAt("webhooks"))
                    Webhook(webhook);
                break;
            default:
                break;
        }
    }

    private void Class(JsonObject ingress)
    {
        if (ingress.At("spec.ingressClassName") is not null || ingress["metadata"]!["annotations"]?["kubernetes.io/ingress.class"] is not null)
            return;
        var standard = store.Newest(ResourceType.IngressClass).Items.Values.FirstOrDefault(candidate =>
            (string?)candidate.ToJson()["metadata"]!["annotations"]?["ingressclass.kubernetes.io/is-default-class"] == "true");
        if (standard is not null && ingress["spec"] is JsonObject spec)
            spec["ingressClassName"] = standard.Name;
    }

    private void Service(JsonObject service, JsonObject? old)
    {
        var spec = service.Ensure("spec");
        spec.Default("""{"type":"ClusterIP","sessionAffinity":"None"}""");
        service.Ensure("status").Default("""{"loadBalancer":{}}""");
        if (spec.TextAt("type") == "ExternalName")
            return;
        foreach (var port in spec.ObjectsAt("ports"))
        {
            port.Default("""{"protocol":"TCP"}""");
            port["targetPort"] ??= port["port"]?.DeepClone();
        }
        spec["clusterIP"] ??= old.At("spec.clusterIP")?.DeepClone() ?? $"10.96.{++_clusterAddresses >> 8 & 0xFF}.{_clusterAddresses & 0xFF}";
        spec["clusterIPs"] ??= new JsonArray(spec["clusterIP"]!.DeepClone());
        spec.Default("""{"ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","internalTrafficPolicy":"Cluster"}""");
    }

    private static void EndpointSlice(JsonObject slice)
    {
        foreach (var endpoint in slice.ObjectsAt("endpoints"))
            endpoint.Default("""{"conditions":{}}""");
        foreach (var port in slice.ObjectsAt("ports"))
            port.Default("""{"name":"","protocol":"TCP"}""");
        foreach (var list in (string[])["endpoints", "ports"])
        {
            if (slice[list] is null or JsonArray { Count: 0 })
                slice[list] = null;
        }
    }

    private static void Secret(JsonObject secret)
    {
        secret.Default("""{"type":"Opaque"}""");
        if (secret["stringData"] is not JsonObject plain)
            return;
        foreach (var (key, value) in plain)
            secret.Ensure("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes((string)value!));
        secret.Remove("stringData");
    }

    private static void Webhook(JsonObject webhook)
    {
        webhook.Default("""{"failurePolicy":"Fail","matchPolicy":"Equivalent","timeoutSeconds":10,"namespaceSelector":{},"objectSelector":{}}""");
        foreach (var rule in webhook.ObjectsAt("rules"))
            rule.Default("""{"scope":"*"}""");
    }
}
