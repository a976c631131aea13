using System.Reflection;
using System.Text.RegularExpressions;

namespace Gateway.Tests.Docs;

/// <summary>A page of the documentation, in Markdown.</summary>
/// <param name="path">Relative to the root of the repository.</param>
internal sealed partial class Page(string path)
{
    private static readonly string Root = typeof(Page).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "RepositoryRoot").Value!;

    private readonly string _file = Path.Combine(Root, path);

    /// <summary>The whole text, without examples.</summary>
    public string Text => Fenced().Replace(File.ReadAllText(_file), "");

    /// <summary>All pages: the README and those of docs/.</summary>
    public static IEnumerable<string> All =>
        Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Select(file => Path.GetRelativePath(Root, file)).Prepend("README.md");

    /// <summary>All that stands between backticks.</summary>
    public IEnumerable<string> Code => CodeSpan().Matches(Text).Select(match => match.Groups[1].Value);

    /// <summary>Of the tables under a heading, the code that each row begins with.</summary>
    public IEnumerable<string> RowsOf(string heading) =>
        Text.Split('\n')
            .SkipWhile(line => line != heading).Skip(1)
            .TakeWhile(line => !line.StartsWith('#'))
            .Select(line => RowStart().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value);

    /// <summary>The relative links that lead to no file, or to no heading of it.</summary>
    public IEnumerable<string> BrokenLinks() =>
        Link().Matches(Text).Select(match => match.Groups[1].Value)
            .Where(link => !link.Contains("://", StringComparison.Ordinal) && !Leads(link));

    private bool Leads(string link)
    {
        var parts = link.Split('#');
        var target = parts[0].Length == 0 ? _file : Path.Combine(Path.GetDirectoryName(_file)!, parts[0]);
        return parts.Length == 1
            ? File.Exists(target) || Directory.Exists(target)
            : File.Exists(target) && new Page(Path.GetRelativePath(Root, target)).Anchors.Contains(parts[1]);
    }

    /// <summary>What headings are linked to by, as GitHub makes it of their text.</summary>
    private IEnumerable<string> Anchors =>
        Heading().Matches(Text).Select(match => NotInAnchor().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex("^ *```.*?^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("^\\| `([^` ]+)[^|]*\\|")]
    private static partial Regex RowStart();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
