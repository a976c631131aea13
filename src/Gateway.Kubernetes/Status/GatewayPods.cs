using System.Text.Json;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Status;

/// <summary>A pod of the gateway that runs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Node">The node that it runs on.</param>
/// <param name="IsReady">Whether traffic goes there.</param>
internal sealed record GatewayPod(string Name, string Node, bool IsReady);

/// <summary>The pods that run this gateway: those in its namespace that carry all labels of its own pod.</summary>
/// <param name="api">The API server.</param>
/// <param name="self">The pod of this process (<c>POD_NAMESPACE</c>, <c>POD_NAME</c>).</param>
internal sealed class GatewayPods(ApiClient api, ObjectName self)
{
    /// <summary>The ones that run and are not being deleted.</summary>
    /// <exception cref="ApiException">They cannot be listed.</exception>
    public async Task<IReadOnlyList<GatewayPod>> ListAsync(CancellationToken cancellation)
    {
        var own = await api.GetAsync(ApiResource.Pods.PathOf(self), cancellation);
        var labels = own.Find("metadata", "labels") is { ValueKind: JsonValueKind.Object } all
            ? all.EnumerateObject().Where(label => !IsOfOneRollout(label.Name)).Select(label => $"{label.Name}={label.Value.GetString()}").ToArray()
            : [];
        // Without labels every pod of the namespace would seem to be one of ours.
        if (labels.Length == 0)
            return Running([own]);
        var selector = Uri.EscapeDataString(string.Join(',', labels));
        var list = await api.GetAsync($"{ApiResource.Pods.PathIn(self.Namespace)}?labelSelector={selector}", cancellation);
        return Running(list.Items("items"));
    }

    /// <summary>Whether this process is the last of its kind.</summary>
    /// <exception cref="ApiException">The pods cannot be listed.</exception>
    public async Task<bool> IsLastAsync(CancellationToken cancellation) =>
        (await ListAsync(cancellation)).All(pod => pod.Name == self.Name);

    private static GatewayPod[] Running(IEnumerable<JsonElement> pods) =>
        [.. pods
            .Where(pod => pod.Text("status", "phase") == "Running" && pod.Find("metadata", "deletionTimestamp") is null or { ValueKind: JsonValueKind.Null })
            .Select(pod => new GatewayPod(pod.Text("metadata", "name") ?? "", pod.Text("spec", "nodeName") ?? "", IsReady(pod)))];

    private static bool IsReady(JsonElement pod) =>
        pod.Items("status", "conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True");

    /// <summary>Labels that differ between the pods of two rollouts.</summary>
    private static bool IsOfOneRollout(string label) =>
        label is "pod-template-hash" or "controller-revision-hash" or "pod-template-generation"
            or "statefulset.kubernetes.io/pod-name" or "apps.kubernetes.io/pod-index";
}
