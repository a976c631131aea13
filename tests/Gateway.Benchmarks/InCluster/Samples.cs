using System.Globalization;

namespace Gateway.Benchmarks.InCluster;

/// <summary>Durations, of which the greatest matter most. Safe on any thread.</summary>
internal sealed class Samples
{
    private readonly List<double> _milliseconds = [];

    public int Count { get { lock (_milliseconds) return _milliseconds.Count; } }

    public void Add(TimeSpan duration)
    {
        lock (_milliseconds)
            _milliseconds.Add(duration.TotalMilliseconds);
    }

    /// <summary>The value that a part of all does not exceed, such as <c>2.3 ms</c>; 1: the greatest of all.</summary>
    public string At(double part)
    {
        lock (_milliseconds)
        {
            if (_milliseconds.Count == 0)
                return "–";
            _milliseconds.Sort();
            var index = Math.Max((int)Math.Ceiling(part * _milliseconds.Count) - 1, 0);
            return string.Create(CultureInfo.InvariantCulture, $"{_milliseconds[index]:0.0} ms");
        }
    }
}
