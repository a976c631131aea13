using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Informers;

/// <summary>The diagnostics of one informer: what RBAC forbids, and objects that cannot be read.</summary>
internal sealed class InformerProblems(InformerTarget target, InformerContext context)
{
    // An API server that has just started refuses everything for a moment.
    private const int RefusalsToBelieve = 3;

    private readonly HashSet<ObjectName> _unreadable = [];
    private readonly string _scope = $"kubernetes/{target.Name}";
    private int _refusals;

    /// <summary>The server refused; returns whether it means it.</summary>
    public bool Refused(ApiException refusal)
    {
        _refusals++;
        if (_refusals != RefusalsToBelieve)
            return _refusals > RefusalsToBelieve;
        var (resource, where) = (target.Resource, target.Namespace is null || !target.Resource.IsNamespaced ? "in the whole cluster" : $"in the namespace {target.Namespace}");
        var role = target.Namespace is null || !target.Resource.IsNamespaced ? "ClusterRole" : $"Role of the namespace {target.Namespace}";
        var group = resource.Group.Length == 0 ? "\"\"" : resource.Group;
        context.Report(new DiagnosticScope(_scope, [new Diagnostic(
            target.IsIndispensable ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning, null, "", null,
            $"{UserIn(refusal.Message)} may not {VerbIn(refusal.Message)} {resource.Plural} {where}, so {target.WhenForbidden}",
            $"Give it, by a {role}, the verbs get, list and watch for the resource {resource.Plural} of the API group {group}")]));
        return true;
    }

    /// <summary>The server did not refuse.</summary>
    public void Allowed()
    {
        if (_refusals >= RefusalsToBelieve)
            context.Report(new DiagnosticScope(_scope, []));
        _refusals = 0;
    }

    /// <summary>An object cannot be read; what it holds is not repeated, since it may be a Secret.</summary>
    /// <param name="name">The object.</param>
    /// <param name="path">The JSON path of what is wrong, as far as that is known.</param>
    public void Unreadable(ObjectName name, string? path)
    {
        _unreadable.Add(name);
        var field = path is null or "$" ? "" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;
        context.Report(new DiagnosticScope(ScopeOf(name), [new Diagnostic(
            DiagnosticSeverity.Error, KeyOf(name), field, null,
            "what the API server sent is not what its API says, so the object is left as it was last known",
            "Write the object anew; if that does not help, the API server is not compatible")]));
    }

    /// <summary>An object can be read, or is gone.</summary>
    public void Readable(ObjectName name)
    {
        if (_unreadable.Count > 0 && _unreadable.Remove(name))
            context.Report(new DiagnosticScope(ScopeOf(name), []));
    }

    private string ScopeOf(ObjectName name) => $"{_scope}/{name}";

    private ResourceKey? KeyOf(ObjectName name) =>
        Enum.TryParse<ResourceKind>(target.Resource.Kind, out var kind) ? new ResourceKey(kind, name) : null;

    // secrets is forbidden: User "system:serviceaccount:infra:gateway" cannot list resource "secrets" in API group "" at the cluster scope
    private static string UserIn(string message)
    {
        var parts = message.Split('"');
        var at = Array.FindIndex(parts, part => part.EndsWith("User ", StringComparison.Ordinal));
        return at >= 0 && at + 1 < parts.Length ? parts[at + 1] : "the gateway";
    }

    private static string VerbIn(string message) => message.Contains(" cannot watch ", StringComparison.Ordinal) ? "watch" : "list";
}
