using Gateway.Proxy.Routing;

namespace Gateway.Proxy.Tests.Routing;

public sealed class PathNormalizerTests
{
    private static string? Normalize(string path) =>
        PathNormalizer.TryNormalize(path, new char[path.Length], out var normalized) ? normalized.ToString() : null;

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/foo", "/foo")]
    [InlineData("/foo/", "/foo/")]
    [InlineData("/FOO/Bar", "/FOO/Bar")]
    [InlineData("//", "/")]
    [InlineData("//foo///bar//", "/foo/bar/")]
    [InlineData("/a/./b", "/a/b")]
    [InlineData("/a/.", "/a/")]
    [InlineData("/a/./", "/a/")]
    [InlineData("/.", "/")]
    [InlineData("/a/..", "/")]
    [InlineData("/a/../", "/")]
    [InlineData("/a/../b", "/b")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("/a/b/../../c", "/c")]
    [InlineData("/a//../b", "/b")]
    [InlineData("/.a/..b/c./...", "/.a/..b/c./...")]
    [InlineData("/.well-known/acme-challenge/x", "/.well-known/acme-challenge/x")]
    [InlineData("/%41%62", "/Ab")]
    [InlineData("/a%2Fb", "/a/b")]
    [InlineData("/a%2f%2Fb", "/a/b")]
    [InlineData("/a/%2e%2E/b", "/b")]
    [InlineData("/a/.%2e/b", "/b")]
    [InlineData("/a%2f..%2fb", "/b")]
    [InlineData("/a/%2e", "/a/")]
    [InlineData("/a%20b", "/a b")]
    [InlineData("/a+b", "/a+b")]
    [InlineData("/%2541", "/%41")]
    [InlineData("/%3fx%23y", "/?x#y")]
    [InlineData("/caf%C3%A9", "/café")]
    [InlineData("/%F0%9F%98%80/..", "/")]
    [InlineData("/%F0%9F%98%80", "/😀")]
    [InlineData("/a;b=c,d/~e!$&'()*:@", "/a;b=c,d/~e!$&'()*:@")]
    public void A_path_is_decoded_once_and_then_resolved(string path, string expected) =>
        Assert.Equal(expected, Normalize(path));

    [Theory]
    [InlineData("")]
    [InlineData("foo")]
    [InlineData("*")]
    [InlineData("%2Ffoo")]
    [InlineData("/..")]
    [InlineData("/../a")]
    [InlineData("//..")]
    [InlineData("/a/../../b")]
    [InlineData("/%2e%2e/a")]
    [InlineData("/%")]
    [InlineData("/%4")]
    [InlineData("/%zz")]
    [InlineData("/%4g")]
    [InlineData("/%+1")]
    [InlineData("/%00")]
    [InlineData("/%0d%0a")]
    [InlineData("/%1F")]
    [InlineData("/%7f")]
    [InlineData("/%C3")]
    [InlineData("/%C3x")]
    [InlineData("/%C3%28")]
    [InlineData("/%80")]
    [InlineData("/%C0%AF")]
    [InlineData("/%C0%AE%C0%AE/")]
    [InlineData("/%E0%80%AF")]
    [InlineData("/%ED%A0%80")]
    [InlineData("/%F5%80%80%80")]
    [InlineData("/a b")]
    [InlineData("/a\tb")]
    [InlineData("/a\0b")]
    [InlineData("/a\u007fb")]
    [InlineData("/a#b")]
    [InlineData("/a?b")]
    [InlineData("/é")]
    public void What_has_no_one_meaning_is_refused(string path) => Assert.Null(Normalize(path));

    [Fact]
    public void A_normal_path_is_returned_itself_and_costs_no_memory()
    {
        const string path = "/api/v1/namespaces/shop/.hidden/pods";
        Assert.True(PathNormalizer.TryNormalize(path, [], out var normalized));
        Assert.True(normalized == path.AsSpan(), "not the same memory");

        Assert.Equal(0, Allocations.Of(() => PathNormalizer.TryNormalize(path, [], out _)));
    }

    [Fact]
    public void Rewriting_into_the_callers_buffer_costs_no_memory()
    {
        var buffer = new char[64];
        Assert.Equal(0, Allocations.Of(() => PathNormalizer.TryNormalize("/a//b/%2e%2e/%C3%A9", buffer, out _)));
    }

    [Fact]
    public void Any_path_comes_out_as_a_plain_reading_of_the_rules_has_it() => Randomly.Repeat(50_000, random =>
    {
        var path = random.Pick("/", "/", "/", "") + random.Join(
            12, "/", "/", ".", "..", "a", "b", "%61", "%2e", "%2E", "%2f", "%2F", "%25", "%20",
            random.Pick("%c3%a9", "%f0%9f%98%80", "+", "~", "%3F", "%23", "%5c"),
            random.Pick("a", "/", "%c3", "%00", "%1", "%", "é", " ", "%ed%a0%80", "%7f", "#", "?"));
        Assert.Equal(NaivePath.Normalize(path), Normalize(path));
    });

    [Fact]
    public void A_normalized_path_has_nothing_left_to_resolve() => Randomly.Repeat(50_000, random =>
    {
        var path = "/" + random.Join(12, "/", ".", "..", "a", "%2e", "%2f", "%25", "%252e", "%c3%a9");
        if (Normalize(path) is not { } normalized)
            return;
        Assert.StartsWith("/", normalized);
        Assert.DoesNotContain("//", normalized);
        Assert.DoesNotContain("/./", normalized + "/");
        Assert.DoesNotContain("/../", normalized + "/");
        Assert.Equal(normalized, Normalize(Uri.EscapeDataString(normalized).Replace("%2F", "/", StringComparison.Ordinal)));
    });
}
