namespace Gateway.Proxy.Routing;

/// <summary>
/// One element in the tree of a host's prefixes. Not changed any more once its host is published.
/// A walk costs what the path is long, whatever the number of routes.
/// </summary>
internal sealed class PrefixNode(string element = "", PrefixNode? parent = null)
{
    // Most nodes have one child at most, which needs no dictionary.
    private PrefixNode? _firstChild;
    private Dictionary<string, PrefixNode>? _otherChildren;
    private CompiledRoute[] _bare = [];
    private CompiledRoute[] _slashed = [];

    /// <summary>Adds all routes of one prefix, highest precedence first. To be called on the root, once a prefix.</summary>
    public void Add(string prefix, CompiledRoute[] routes)
    {
        var node = this;
        var rest = prefix.AsSpan(1);
        for (int slash; (slash = rest.IndexOf('/')) >= 0; rest = rest[(slash + 1)..])
            node = node.FindOrAdd(rest[..slash]);
        if (rest.IsEmpty)
            node._slashed = routes;
        else
            node.FindOrAdd(rest)._bare = routes;
    }

    /// <summary>The route of the longest prefix whose other predicates hold as well. To be called on the root.</summary>
    public CompiledRoute? Match(in RequestView request)
    {
        var node = this;
        var whole = false;
        var rest = request.Path[1..];
        while (node._firstChild is not null && !rest.IsEmpty)
        {
            var slash = rest.IndexOf('/');
            if (node.Find(slash < 0 ? rest : rest[..slash]) is not { } child)
                break;
            node = child;
            whole = slash < 0;
            rest = whole ? [] : rest[(slash + 1)..];
        }
        return node.Climb(request, whole);
    }

    /// <param name="request">The request.</param>
    /// <param name="whole">Whether the path ends with this element, without a slash: then <c>/foo</c> comes before <c>/foo/</c>, else after.</param>
    private CompiledRoute? Climb(in RequestView request, bool whole)
    {
        for (var node = this; node is not null; node = node.Parent)
        {
            var (first, second) = whole ? (node._bare, node._slashed) : (node._slashed, node._bare);
            if ((CompiledRoute.First(first, request) ?? CompiledRoute.First(second, request)) is { } route)
                return route;
            whole = false;
        }
        return null;
    }

    private PrefixNode? Parent => parent;

    private string Element => element;

    private PrefixNode? Find(ReadOnlySpan<char> element)
    {
        if (_firstChild is { } first && element.SequenceEqual(first.Element))
            return first;
        return _otherChildren is { } others && others.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(element, out var other) ? other : null;
    }

    private PrefixNode FindOrAdd(ReadOnlySpan<char> element)
    {
        if (Find(element) is { } known)
            return known;
        var child = new PrefixNode(element.ToString(), this);
        if (_firstChild is null)
            _firstChild = child;
        else
            (_otherChildren ??= new Dictionary<string, PrefixNode>(StringComparer.Ordinal)).Add(child.Element, child);
        return child;
    }
}
