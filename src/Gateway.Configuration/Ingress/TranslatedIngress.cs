using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Ingress;

/// <summary>What one Ingress adds to the hosts that it names; depends on nothing but the Ingress, its Services and the settings.</summary>
/// <param name="Source">The Ingress.</param>
/// <param name="Policy">What holds for each of its routes.</param>
/// <param name="Filters">The filters of routes that do not redirect to https.</param>
/// <param name="RedirectingFilters">The filters of routes that do.</param>
/// <param name="DefaultBackend">Where the unmatched paths of its hosts lead; null: to the global default backend.</param>
/// <param name="PathsByHost">Its paths by host (lower case); a host may be there without any.</param>
internal sealed record TranslatedIngress(
    IngressResource Source,
    RoutePolicy Policy,
    EquatableArray<RouteFilter> Filters,
    EquatableArray<RouteFilter> RedirectingFilters,
    Backend? DefaultBackend,
    IReadOnlyDictionary<string, List<TranslatedPath>> PathsByHost);

/// <summary>One path of an Ingress.</summary>
/// <param name="Match">Which requests it takes.</param>
/// <param name="Backend">Where they go.</param>
/// <param name="Field">Where the path stands in the Ingress, for diagnostics.</param>
/// <param name="Index">Position among the paths of the Ingress.</param>
internal sealed record TranslatedPath(PathMatch Match, Backend Backend, string Field, int Index);
