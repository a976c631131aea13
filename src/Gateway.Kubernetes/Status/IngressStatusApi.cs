using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Status;

/// <summary>Reads and writes the status of single Ingresses.</summary>
internal sealed class IngressStatusApi(ApiClient api)
{
    /// <summary>The name under which the API server notes our writes in <c>metadata.managedFields</c>.</summary>
    public const string FieldManager = "gateway";

    /// <summary>The Ingress's status and, when somebody else was the last to write it, that one's name.</summary>
    /// <exception cref="ApiException">It cannot be read; it may be gone.</exception>
    public async Task<(IngressStatus Status, string? OtherManager)> ReadAsync(ObjectName ingress, CancellationToken cancellation)
    {
        var read = await api.GetAsync(ApiResource.Ingresses.PathOf(ingress), cancellation);
        return (IngressStatus.Read(read), OtherManager(read));
    }

    /// <summary>
    /// Writes <c>status.loadBalancer.ingress</c> as a JSON merge patch (RFC 7396), which touches nothing else, on
    /// condition that the Ingress is still as <paramref name="seen"/>.
    /// </summary>
    /// <returns>What it is now.</returns>
    /// <exception cref="ApiException">409: it changed meanwhile; 404: it is gone.</exception>
    public async Task<IngressStatus> WriteAsync(
        ObjectName ingress, IngressStatus seen, EquatableArray<LoadBalancerAddress> addresses, CancellationToken cancellation)
    {
        JsonArray? entries = addresses.Count == 0
            ? null
            : [.. addresses.Select(address => new JsonObject { [address.IsIp ? "ip" : "hostname"] = address.Value })];
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = seen.ResourceVersion },
            ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = entries } },
        };
        var path = $"{ApiResource.Ingresses.PathOf(ingress)}/status?fieldManager={FieldManager}";
        return IngressStatus.Read(await api.MergePatchAsync(path, patch, cancellation));
    }

    /// <summary>The list is atomic: whoever last changed it owns it alone.</summary>
    private static string? OtherManager(JsonElement ingress)
    {
        foreach (var entry in ingress.Items("metadata", "managedFields"))
        {
            if (entry.Text("subresource") == "status" && entry.Text("manager") is { } manager && manager != FieldManager
                && entry.Find("fieldsV1", "f:status", "f:loadBalancer", "f:ingress") is not null)
                return manager;
        }
        return null;
    }
}
