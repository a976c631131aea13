namespace Gateway.Proxy.Routing;

/// <summary>The request target (RFC 9112 3.2).</summary>
internal static class RequestTarget
{
    /// <summary>Origin form of a valid target: an absolute one (<c>http://host/path</c>) loses scheme and authority; <c>*</c> stays.</summary>
    public static string InOriginForm(string target)
    {
        if (target.StartsWith('/') || target == "*")
            return target;
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return "/" + target;
        var rest = target.AsSpan(scheme + 3);
        var end = rest.IndexOfAny('/', '?');
        if (end < 0)
            return "/";
        return rest[end] == '/' ? rest[end..].ToString() : string.Concat("/", rest[end..]);
    }
}
