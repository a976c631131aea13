using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Ingress;

/// <summary>Merges what several Ingresses, of any namespace, say about one host.</summary>
internal static class HostMerge
{
    private static readonly PathMatch Root = new(PathMatchKind.Prefix, "/");

    /// <summary>The routes of <paramref name="host"/>; null when there are none.</summary>
    /// <param name="host">The host.</param>
    /// <param name="oldestFirst">All Ingresses that have rules for it.</param>
    /// <param name="hostHasTls">Whether one of them, or of the wildcard host above, has a <c>tls</c> list.</param>
    /// <param name="defaultBackend">Takes the unmatched paths where the oldest Ingress has no backend for them; null: 404.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="tls">The TLS policy.</param>
    /// <param name="conflicts">Takes a diagnostic for each path that lost against another.</param>
    public static HostRoutes? Merge(
        string host, IReadOnlyList<TranslatedIngress> oldestFirst, bool hostHasTls, Backend? defaultBackend,
        GatewaySettings settings, TlsPolicy tls, List<Diagnostic> conflicts)
    {
        Dictionary<PathMatch, (TranslatedIngress Ingress, TranslatedPath Path)> winners = [];
        List<Route> routes = [];
        for (var age = 0; age < oldestFirst.Count; age++)
        {
            var ingress = oldestFirst[age];
            foreach (var path in ingress.PathsByHost[host])
            {
                if (winners.TryAdd(path.Match, (ingress, path)))
                    routes.Add(ToRoute(ingress, path.Match, path.Index, age, path.Backend));
                else
                    conflicts.Add(Conflict(host, ingress, path, winners[path.Match]));
            }
        }
        if (host != HostRoutes.AnyHost && oldestFirst.Count > 0 && !winners.ContainsKey(Root))
            routes.Add(ToRoute(oldestFirst[0], Root, int.MaxValue, 0, oldestFirst[0].DefaultBackend ?? defaultBackend));
        if (routes.Count == 0)
            return null;

        routes.Sort((a, b) => a.Precedence.CompareTo(b.Precedence));
        return new HostRoutes(host) { Routes = routes.ToEquatableArray(), Tls = tls };

        Route ToRoute(TranslatedIngress ingress, PathMatch path, int index, int age, Backend? backend) =>
            new($"{ingress.Source.Name} {path.Kind} {path.Value}", ingress.Source.Key, new RouteMatch(path))
            {
                Precedence = new RoutePrecedence(RoutePrecedence.ByPath(path), 0, age, index),
                Filters = ingress.Policy.Redirects(path, hostHasTls, settings) ? ingress.RedirectingFilters : ingress.Filters,
                Backends = backend is null ? [] : [backend],
                LogsAccess = ingress.Policy.LogsAccess,
                Timeouts = ingress.Policy.Timeouts,
            };
    }

    private static Diagnostic Conflict(
        string host, TranslatedIngress loser, TranslatedPath path, (TranslatedIngress Ingress, TranslatedPath Path) winner)
    {
        var what = $"the {path.Match.Kind} path {Diagnostic.Printable(path.Match.Value)} of {(host == HostRoutes.AnyHost ? "hosts that no rule names" : host)}";
        var (whose, remedy) = ReferenceEquals(winner.Ingress, loser)
            ? ($"is given by {winner.Path.Field} already", "Remove one of the two")
            : ($"belongs to Ingress {winner.Ingress.Source.Name}, which {WhyFirst(winner.Ingress.Source, loser.Source)}", "Change one of the two Ingresses");
        return new Diagnostic(DiagnosticSeverity.Warning, loser.Source.Key, path.Field, null, $"{what} {whose}, so here it has no effect", remedy);
    }

    private static string WhyFirst(IngressResource winner, IngressResource loser) =>
        winner.CreatedAt == loser.CreatedAt ? "is of the same age and later in the alphabet" : "is older";
}
