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

    /// <summary>All that stands between backticks.</summary>
    public IEnumerable<string> Code => CodeSpan().Matches(Text).Select(match => match.Groups[1].Value);

    /// <summary>Of the tables under a heading, the code that each row begins with.</summary>
    public IEnumerable<string> RowsOf(string heading) =>
        Text.Split('\n')
            .SkipWhile(line => line != heading).Skip(1)
            .TakeWhile(line => !line.StartsWith('#'))
            .Select(line => RowStart().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value);

    [GeneratedRegex("^ *```.*?^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("^\\| `([^` ]+)[^|]*\\|")]
    private static partial Regex RowStart();
}
