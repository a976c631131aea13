using System.Globalization;
using System.Text;
using Gateway.Benchmarks.Comparison.Generators;

namespace Gateway.Benchmarks.Comparison.Measuring;

/// <summary>The one Markdown table of all cases, what was left out, and what went wrong.</summary>
internal sealed class ResultTable
{
    private static readonly string[] Columns =
    [
        "case", "peer", "CPU µs/request (user + kernel)", "ratio [quartiles]", "requests/s", "core busy (+ with others)", "p50 / p99 / p99.9 ms",
        "RSS MB", "errors", "system calls/request", "also",
    ];

    private readonly List<string[]> _rows = [];
    private readonly List<string> _skipped = [];
    private readonly List<string> _errors = [];

    /// <summary>Whether anything went wrong.</summary>
    public bool HasErrors => _errors.Count > 0;

    /// <summary>Adds a row: the medians over all rounds, and the ratios to the base within each.</summary>
    public void Add(string name, string peer, IReadOnlyList<Turn> turns, IReadOnlyList<Turn> compared, double? calls, string note)
    {
        var ratios = turns.Zip(compared, (turn, other) => turn.Cost / other.Cost).Order().ToArray();
        var errors = turns.Sum(turn => turn.Load.Errors);
        Add(
            name, peer,
            Text($"{Median(turn => turn.Cost):0.0} ({Median(Part(turn => turn.User)):0.0} + {Median(Part(turn => turn.Kernel)):0.0})"),
            ReferenceEquals(turns, compared) ? "1" : Text($"{Quantile(ratios, 0.5):0.00} [{Quantile(ratios, 0.25):0.00}–{Quantile(ratios, 0.75):0.00}]"),
            Text($"{Median(turn => turn.Rate):#,0}"),
            Text($"{Median(turn => turn.Busy) * 100:0} % (+ {Median(turn => turn.Disturbed) * 100:0} %)"),
            Text($"{Median(Time(load => load.P50)):0.00} / {Median(Time(load => load.P99)):0.00} / {Median(Time(load => load.P999)):0.00}"),
            Text($"{turns[^1].Resident / 1e6:0}"),
            Text($"{errors}"),
            calls is null ? "–" : Text($"{calls:0.0}"),
            note);
        if (errors > 0)
            Error($"{name}, {peer}: {errors} errors in {turns.Sum(turn => turn.Load.Requests)} requests");
        else if (turns.Any(turn => turn.Load.Requests == 0 && turn.Load.Bytes == 0))
            Error($"{name}, {peer}: nothing was answered");

        double Median(Func<Turn, double> figure) => Quantile([.. turns.Select(figure).Order()], 0.5);
        static Func<Turn, double> Part(Func<Turn, TimeSpan> time) => turn => time(turn).TotalMicroseconds / turn.Work;
        static Func<Turn, double> Time(Func<LoadResult, TimeSpan> time) => turn => time(turn.Load).TotalMilliseconds;
    }

    /// <summary>Adds a row about memory alone.</summary>
    public void Add(string name, string peer, long resident, int errors, string note)
    {
        Add(name, peer, "–", "–", "–", "–", "–", Text($"{resident / 1e6:0}"), Text($"{errors}"), "–", note);
        if (errors > 0)
            Error($"{name}, {peer}: {errors} errors");
    }

    /// <summary>Notes what was left out, and why.</summary>
    public void Skip(string what)
    {
        if (_skipped.Contains(what))
            return;
        _skipped.Add(what);
        Console.Error.WriteLine("  left out: " + what);
    }

    /// <summary>Notes what must not happen.</summary>
    public void Error(string what)
    {
        _errors.Add(what);
        Console.Error.WriteLine("  ERROR: " + what);
    }

    /// <summary>The whole as Markdown.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        Row(Columns);
        text.Append("|---|---|").Insert(text.Length, "---:|", Columns.Length - 3).AppendLine("---|");
        foreach (var row in _rows)
            Row(row);
        List("Left out", _skipped);
        List("**Errors**", _errors);
        return text.ToString();

        void Row(string[] cells) => text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
        void List(string title, List<string> items)
        {
            if (items.Count > 0)
                text.AppendLine().Append(title).AppendLine(":").AppendLine().AppendJoin('\n', items.Select(item => "- " + item)).AppendLine();
        }
    }

    /// <summary>Text in no one's culture.</summary>
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>The value below which a part of all lies, between the two nearest of them.</summary>
    /// <param name="sorted">At least one.</param>
    /// <param name="part">0 to 1.</param>
    public static double Quantile(IReadOnlyList<double> sorted, double part)
    {
        var place = part * (sorted.Count - 1);
        var below = (int)place;
        return below + 1 < sorted.Count ? sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }

    private void Add(params string[] row)
    {
        _rows.Add(row);
        Console.Error.WriteLine("  " + string.Join(" | ", row));
    }
}
