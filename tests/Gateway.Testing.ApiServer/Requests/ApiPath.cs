namespace Gateway.Testing.ApiServer.Requests;

/// <summary>A path of the resource API: /api/v1 or /apis/GROUP/v1, a namespace, a plural, a name, a subresource.</summary>
internal sealed record ApiPath(ResourceType Type, string? Namespace, string? Name, string? Subresource)
{
    /// <exception cref="ApiStatus">404, in the form that fits.</exception>
    public static ApiPath Parse(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (group, version, rest) = parts switch
        {
            ["api", var v, .. var tail] => ("", v, tail),
            ["apis", var g, var v, .. var tail] => (g, v, tail),
            _ => throw ApiStatus.NoSuchPath(),
        };
        if (!ResourceType.All.Any(type => type.Group == group))
            throw ApiStatus.NoSuchPath();
        string? ns = null;
        if (rest is ["namespaces", var named, _, ..])
            (ns, rest) = (named, rest[2..]);
        var found = ResourceType.All.FirstOrDefault(type => type.Group == group && type.Plural == rest.ElementAtOrDefault(0));
        if (version != "v1" || found is null || rest.Length > 3 || (ns is not null) != found.Namespaced && (ns is not null || rest.Length > 1))
            throw ApiStatus.NoSuchResource();
        var subresource = rest.ElementAtOrDefault(2);
        if (subresource is not null && !(subresource == "status" && found.HasStatus))
            throw ApiStatus.NoSuchResource();
        return new(found, ns, rest.ElementAtOrDefault(1), subresource);
    }
}
