using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Events;

/// <summary>Something to be told of one object. Two that are equal belong to one Event.</summary>
/// <param name="Subject">The object.</param>
/// <param name="IsWarning">Type Warning, else Normal.</param>
/// <param name="Reason">In CamelCase, for machines.</param>
/// <param name="Action">What the gateway did when it came to know.</param>
/// <param name="Note">For people.</param>
internal sealed record Occurrence(ResourceKey Subject, bool IsWarning, string Reason, string Action, string Note)
{
    private const int LongestNote = 1024;
    private const int LongestNamePart = 200;

    /// <summary>The Event's namespace: the object's, or <c>default</c> for cluster-scoped ones, as the API server demands.</summary>
    public string Namespace => Subject.Name.Namespace is { Length: > 0 } own ? own : "default";

    /// <summary>An Ingress was taken up; ingress-nginx says it in the same words.</summary>
    public static Occurrence Sync(ObjectName ingress) =>
        new(new ResourceKey(ResourceKind.Ingress, ingress), false, "Sync", "Sync", "Scheduled for sync");

    /// <summary>What a diagnostic says; null: it is about no object.</summary>
    public static Occurrence? Of(Diagnostic diagnostic) => diagnostic.Subject is { } subject
        ? new Occurrence(subject, true, diagnostic.Severity == DiagnosticSeverity.Error ? "NotServed" : "ServedOtherwise", "Translate", Cut(diagnostic.ToString()))
        : null;

    /// <summary>
    /// The Event's name. It follows from what the Event says, so that a new leader, or one that starts anew, finds the
    /// Event of the one before instead of telling all again.
    /// </summary>
    public string EventName(string? uid)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Subject.Kind}\0{uid}\0{Reason}\0{Note}"));
        var name = Subject.Name.Name;
        var part = (name.Length > LongestNamePart ? name[..LongestNamePart] : name).TrimEnd('.', '-');
        return $"{part}.{Convert.ToHexStringLower(hash.AsSpan(0, 8))}";
    }

    /// <summary>The Event (<c>events.k8s.io/v1</c>).</summary>
    public JsonObject ToJson(string? uid, string instance, DateTimeOffset now)
    {
        var regarding = new JsonObject { ["apiVersion"] = ApiResource.Of(Subject.Kind).ApiVersion, ["kind"] = Subject.Kind.ToString(), ["name"] = Subject.Name.Name };
        if (Subject.Name.Namespace is { Length: > 0 } ns)
            regarding["namespace"] = ns;
        if (uid is not null)
            regarding["uid"] = uid;
        return new JsonObject
        {
            ["apiVersion"] = ApiResource.Events.ApiVersion,
            ["kind"] = ApiResource.Events.Kind,
            ["metadata"] = new JsonObject { ["name"] = EventName(uid), ["namespace"] = Namespace },
            ["eventTime"] = MicroTime.Format(now),
            ["reportingController"] = EventOptions.Controller,
            ["reportingInstance"] = instance,
            ["action"] = Action,
            ["reason"] = Reason,
            ["regarding"] = regarding,
            ["note"] = Note,
            ["type"] = IsWarning ? "Warning" : "Normal",
        };
    }

    /// <summary>The API server takes 1,024 bytes.</summary>
    private static string Cut(string note)
    {
        if (Encoding.UTF8.GetByteCount(note) <= LongestNote)
            return note;
        var bytes = 0;
        var length = 0;
        foreach (var rune in note.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > LongestNote - 3)
                break;
            bytes += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }
        return $"{note.AsSpan(0, length)}…";
    }
}
