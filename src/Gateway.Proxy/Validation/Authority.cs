namespace Gateway.Proxy.Validation;

/// <summary>The authority of a request: a host name and, often left out, a port (RFC 3986 3.2).</summary>
internal static class Authority
{
    /// <summary>Whether both name the same: case does not count, nor does the scheme's own port (RFC 9113 8.3.1, RFC 3986 6.2.3).</summary>
    public static bool AreSame(ReadOnlySpan<char> left, ReadOnlySpan<char> right, bool isTls) =>
        WithoutDefaultPort(left, isTls).Equals(WithoutDefaultPort(right, isTls), StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> WithoutDefaultPort(ReadOnlySpan<char> authority, bool isTls)
    {
        var port = isTls ? ":443" : ":80";
        return authority.EndsWith(port) ? authority[..^port.Length]
            : authority.EndsWith(':') ? authority[..^1]
            : authority;
    }
}
