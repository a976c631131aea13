using System.Text.Json.Nodes;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Leasing;

/// <summary>
/// One version of a Lease (<c>coordination.k8s.io/v1</c>). It is the document as the API server has it: what others
/// put there (labels, owners) stays when we write.
/// </summary>
internal sealed class Lease(JsonObject document)
{
    /// <summary><c>metadata.resourceVersion</c>: differs after every write.</summary>
    public string? Version => (string?)document["metadata"]?["resourceVersion"];

    /// <summary><c>spec.holderIdentity</c>; empty: released.</summary>
    public string Holder => (string?)Spec["holderIdentity"] ?? "";

    /// <summary><c>spec.leaseDurationSeconds</c>: how long it holds after a write.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((int?)Spec["leaseDurationSeconds"] ?? 0);

    private JsonObject Spec => document["spec"] as JsonObject ?? [];

    /// <summary>A Lease that is not there yet.</summary>
    public static Lease New(string name) => new(new JsonObject
    {
        ["apiVersion"] = ApiResource.Leases.ApiVersion,
        ["kind"] = ApiResource.Leases.Kind,
        ["metadata"] = new JsonObject { ["name"] = name },
    });

    /// <summary>What <paramref name="holder"/> writes to take or to renew it at <paramref name="now"/>.</summary>
    public JsonObject HeldBy(string holder, TimeSpan duration, DateTimeOffset now) => Write(spec =>
    {
        var time = MicroTime.Format(now);
        if (Holder != holder)
        {
            spec["acquireTime"] = time;
            spec["leaseTransitions"] = Version is null ? 0 : ((int?)Spec["leaseTransitions"] ?? 0) + 1;
        }
        spec["holderIdentity"] = holder;
        spec["leaseDurationSeconds"] = (int)duration.TotalSeconds;
        spec["renewTime"] = time;
    });

    /// <summary>What its holder writes to let the next one have it at once.</summary>
    public JsonObject Released() => Write(spec =>
    {
        spec["holderIdentity"] = "";
        spec["leaseDurationSeconds"] = 1;
    });

    private JsonObject Write(Action<JsonObject> change)
    {
        var written = (JsonObject)document.DeepClone();
        if (written["spec"] is not JsonObject spec)
            written["spec"] = spec = [];
        change(spec);
        return written;
    }
}
