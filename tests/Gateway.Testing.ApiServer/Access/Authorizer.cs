using System.Text.Json.Nodes;
using Gateway.Testing.ApiServer.Storage;

namespace Gateway.Testing.ApiServer.Access;

/// <summary>RBAC over the stored Roles, ClusterRoles and bindings.</summary>
internal sealed class Authorizer(ObjectStore store)
{
    public bool Allows(string user, ApiCall call)
    {
        if (user == Authenticator.Administrator)
            return true;
        var cluster = Bindings(ResourceType.ClusterRoleBinding, user).Select(binding => Find(binding, null));
        var local = call.Namespace is null
            ? []
            : Bindings(ResourceType.RoleBinding, user)
                .Where(binding => binding.TextAt("metadata.namespace") == call.Namespace)
                .Select(binding => Find(binding, call.Namespace));
        return cluster.Concat(local).SelectMany(role => role.ObjectsAt("rules")).Any(rule => Covers(rule, call));
    }

    private IEnumerable<JsonObject> Bindings(ResourceType type, string user) => store.Newest(type).Items.Values
        .Select(stored => stored.ToJson())
        .Where(binding => binding.ObjectsAt("subjects").Any(subject => Is(subject, user)));

    private JsonObject? Find(JsonObject binding, string? ns)
    {
        var type = binding.TextAt("roleRef.kind") == "Role" ? ResourceType.Role : ResourceType.ClusterRole;
        return store.Newest(type).Items.GetValueOrDefault(type.Key(ns, binding.TextAt("roleRef.name")!))?.ToJson();
    }

    /// <summary>Groups are left out: nobody binds to one.</summary>
    private static bool Is(JsonObject subject, string user) =>
        subject.TextAt("kind") == "ServiceAccount" && user == $"system:serviceaccount:{subject.TextAt("namespace")}:{subject.TextAt("name")}";

    private static bool Covers(JsonObject rule, ApiCall call) =>
        Lists(rule, "verbs", call.Verb) && Lists(rule, "apiGroups", call.Group) && Lists(rule, "resources", call.Target)
        && (rule["resourceNames"] is not JsonArray { Count: > 0 } || (call.Name is not null && Lists(rule, "resourceNames", call.Name)));

    private static bool Lists(JsonObject rule, string key, string value) =>
        (rule[key] as JsonArray ?? []).Any(item => (string?)item is { } listed && (listed == value || listed == "*"));
}
