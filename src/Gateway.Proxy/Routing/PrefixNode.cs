namespace Gateway.Proxy.Routing;

/// <summary>
/// One element in the tree of a host's prefixes. Not changed any more once its host is published.
/// A walk costs what the path is long, whatever the number of routes.
/// </summary>
internal sealed class PrefixNode(PrefixNode? parent = null)
{
    private Dictionary<string, PrefixNode>? _children;
    private CompiledRoute[] _bare = [];
    private CompiledRoute[] _slashed = [];

    /// <summary>Adds all routes of one prefix, highest precedence first. To be called on the root, once a prefix.</summary>
    public void Add(string prefix, CompiledRoute[] routes)
    {
        var node = this;
        var rest = prefix.AsSpan(1);
        for (int slash; (slash = rest.IndexOf('/')) >= 0; rest = rest[(slash + 1)..])
            node = node.Child(rest[..slash].ToString());
        if (rest.IsEmpty)
            node._slashed = routes;
        else
            node.Child(rest.ToString())._bare = routes;
    }

    /// <summary>The route of the longest prefix whose other predicates hold as well. To be called on the root.</summary>
    public CompiledRoute? Match(in RequestView request)
    {
        var node = this;
        var whole = false;
        var rest = request.Path[1..];
        while (node._children is { } children && !rest.IsEmpty)
        {
            var slash = rest.IndexOf('/');
            var element = slash < 0 ? rest : rest[..slash];
            if (!children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(element, out var child))
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

    private PrefixNode Child(string element)
    {
        _children ??= new Dictionary<string, PrefixNode>(StringComparer.Ordinal);
        if (!_children.TryGetValue(element, out var child))
            _children.Add(element, child = new PrefixNode(this));
        return child;
    }
}
