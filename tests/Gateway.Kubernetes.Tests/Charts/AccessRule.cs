using k8s.Models;

namespace Gateway.Kubernetes.Tests.Charts;

/// <summary>One thing that RBAC lets an account do.</summary>
/// <param name="ApiGroup"><c>""</c>: the core group.</param>
/// <param name="Resource">The plural name, without the subresource.</param>
/// <param name="Subresource"><c>status</c>, say; <see langword="null"/>: the object itself.</param>
/// <param name="Verb">RBAC's word: get, list, watch, create, update, patch or delete.</param>
/// <param name="Namespace"><see langword="null"/>: in every namespace, and on objects that have none.</param>
/// <param name="Name">The only object that it may be done to; <see langword="null"/>: any.</param>
internal sealed record AccessRule(string ApiGroup, string Resource, string? Subresource, string Verb, string? Namespace = null, string? Name = null)
{
    /// <summary>The rules of all Roles and ClusterRoles among <paramref name="objects"/> that a binding among them gives to the account.</summary>
    public static IReadOnlySet<AccessRule> GrantedTo(string ns, string serviceAccount, IReadOnlyList<object> objects)
    {
        var granted = new HashSet<AccessRule>();
        foreach (var binding in objects.OfType<V1ClusterRoleBinding>().Where(b => Names(b.Subjects)))
            granted.UnionWith(Expand(objects.OfType<V1ClusterRole>().Single(r => r.Metadata.Name == binding.RoleRef.Name).Rules, null));
        foreach (var binding in objects.OfType<V1RoleBinding>().Where(b => Names(b.Subjects)))
            granted.UnionWith(Expand(RulesOf(binding), binding.Metadata.NamespaceProperty));
        return granted;

        bool Names(IList<Rbacv1Subject> subjects) => subjects.Any(s => s.Kind == "ServiceAccount" && s.NamespaceProperty == ns && s.Name == serviceAccount);

        IList<V1PolicyRule> RulesOf(V1RoleBinding binding) => objects.OfType<V1Role>()
            .Single(r => r.Metadata.Name == binding.RoleRef.Name && r.Metadata.NamespaceProperty == binding.Metadata.NamespaceProperty).Rules;
    }

    /// <summary>Whether this rule lets a call through that has exactly these parts.</summary>
    public bool Covers(AccessRule call) =>
        ApiGroup == call.ApiGroup && Resource == call.Resource && Subresource == call.Subresource && Verb == call.Verb
        && (Namespace is null || Namespace == call.Namespace) && (Name is null || Name == call.Name);

    private static IEnumerable<AccessRule> Expand(IEnumerable<V1PolicyRule> rules, string? ns) =>
        from rule in rules
        from apiGroup in rule.ApiGroups
        from resource in rule.Resources
        let parts = resource.Split('/')
        from verb in rule.Verbs
        from name in rule.ResourceNames ?? [null!]
        select new AccessRule(apiGroup, parts[0], parts.Length > 1 ? parts[1] : null, verb, ns, name);
}
