using System.Text;

namespace Gateway.Benchmarks.InCluster;

/// <summary>A Markdown table that grows, and what went wrong meanwhile.</summary>
internal sealed class Report
{
    private readonly List<string[]> _rows = [];
    private readonly List<string> _errors = [];

    /// <summary>What must never happen, but did.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>The first row names the columns.</summary>
    public void Row(params string[] cells)
    {
        _rows.Add(cells);
        Console.Error.WriteLine($"  {string.Join(" | ", cells)}");
    }

    /// <summary>Notes an error unless all is <paramref name="well"/>.</summary>
    public void Check(bool well, string otherwise)
    {
        if (!well)
            _errors.Add(otherwise);
    }

    /// <summary>The whole as Markdown.</summary>
    public string Write(string title)
    {
        var text = new StringBuilder().AppendLine().Append("## ").AppendLine(title).AppendLine();
        for (var i = 0; i < _rows.Count; i++)
        {
            text.Append("| ").AppendJoin(" | ", _rows[i]).AppendLine(" |");
            if (i == 0)
                text.Append("|---|").Insert(text.Length, "---:|", _rows[0].Length - 1).AppendLine();
        }
        foreach (var error in _errors)
            text.Append("\n**Error**: ").AppendLine(error);
        return text.ToString();
    }
}
