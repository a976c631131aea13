using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Model;

/// <summary>One rule of a host: which requests, what is done to them, where they go.</summary>
/// <param name="Id">Names the route for people and in the admin API: <c>namespace/ingress path-type path</c>; unique within its host.</param>
/// <param name="Source">The object that the route was made from.</param>
/// <param name="Match">Which requests.</param>
public sealed record Route(string Id, ResourceKey Source, RouteMatch Match)
{
    /// <summary>Where the route stands among the others of its host.</summary>
    public RoutePrecedence Precedence { get; init; }

    /// <summary>The steps on the request, at most one of a kind; the data plane fixes their order.</summary>
    public EquatableArray<RouteFilter> Filters { get; init; }

    /// <summary>Where requests go, by weight. Empty: nowhere, the answer is 404.</summary>
    public EquatableArray<Backend> Backends { get; init; }

    /// <summary>Whether its requests appear in the access log.</summary>
    public bool LogsAccess { get; init; } = true;

    /// <summary>How long the upstream may take.</summary>
    public UpstreamTimeouts Timeouts { get; init; } = UpstreamTimeouts.Default;
}

/// <summary>Which requests of a host a route takes: all parts must hold.</summary>
/// <param name="Path">The path.</param>
public sealed record RouteMatch(PathMatch Path)
{
    /// <summary>The method, case-sensitive; null takes all.</summary>
    public string? Method { get; init; }

    /// <summary>Header fields that must be there with exactly this value; names are compared without case.</summary>
    public EquatableArray<ValueMatch> Headers { get; init; }

    /// <summary>Query parameters that must be there with exactly this value; of repeated ones the first counts.</summary>
    public EquatableArray<ValueMatch> Query { get; init; }
}

/// <summary>A name and the value it must have.</summary>
public sealed record ValueMatch(string Name, string Value);

/// <summary>A path that a request's decoded and normalized path is compared with, case-sensitively.</summary>
/// <param name="Kind">How.</param>
/// <param name="Value">Starts with <c>/</c>.</param>
public sealed record PathMatch(PathMatchKind Kind, string Value);

/// <summary>How a <see cref="PathMatch"/> compares.</summary>
public enum PathMatchKind
{
    /// <summary>The whole path.</summary>
    Exact,

    /// <summary>Whole elements from the start: <c>/foo</c> takes <c>/foo</c>, <c>/foo/</c>, <c>/foo/bar</c>, not <c>/foobar</c>. <c>/foo/</c> takes the same.</summary>
    Prefix,
}

/// <summary>
/// Where a route stands among those of its host; the least comes first. The translator computes it, since
/// Ingress and Gateway API order differently. Of routes with one path, the route table takes the first by it.
/// </summary>
/// <param name="PathRank">Exact before prefix, longer before shorter: see <see cref="ByPath"/>.</param>
/// <param name="PredicateRank">More specific predicates on method, headers and query come first.</param>
/// <param name="Age">Position of the route's object among all of the host, oldest first.</param>
/// <param name="Index">Position within the object.</param>
public readonly record struct RoutePrecedence(int PathRank, int PredicateRank, int Age, int Index) : IComparable<RoutePrecedence>
{
    /// <summary>The rank of a path: any exact one before any prefix, a longer prefix before a shorter.</summary>
    public static int ByPath(PathMatch path) =>
        path.Kind == PathMatchKind.Exact ? int.MinValue : -path.Value.Length;

    /// <inheritdoc/>
    public int CompareTo(RoutePrecedence other) =>
        (PathRank, PredicateRank, Age, Index).CompareTo((other.PathRank, other.PredicateRank, other.Age, other.Index));

    /// <summary>Comes earlier.</summary>
    public static bool operator <(RoutePrecedence left, RoutePrecedence right) => left.CompareTo(right) < 0;

    /// <summary>Comes later.</summary>
    public static bool operator >(RoutePrecedence left, RoutePrecedence right) => left.CompareTo(right) > 0;

    /// <summary>Comes earlier, or they are equal.</summary>
    public static bool operator <=(RoutePrecedence left, RoutePrecedence right) => left.CompareTo(right) <= 0;

    /// <summary>Comes later, or they are equal.</summary>
    public static bool operator >=(RoutePrecedence left, RoutePrecedence right) => left.CompareTo(right) >= 0;
}

/// <summary>How long the upstream may take. Zero or less is not valid.</summary>
/// <param name="Connect">To accept a connection.</param>
/// <param name="Read">Between two reads of its answer; there is no limit on the whole.</param>
/// <param name="Send">Between two writes of the request.</param>
public sealed record UpstreamTimeouts(TimeSpan Connect, TimeSpan Read, TimeSpan Send)
{
    /// <summary>ingress-nginx's: 5 s, 60 s, 60 s.</summary>
    public static UpstreamTimeouts Default { get; } = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60));
}
