namespace Gateway.Configuration.Diagnostics;

/// <summary>Guesses which known name was meant by an unknown one.</summary>
internal static class Spelling
{
    private const int LongestName = 80;
    private const int MostMistakes = 3;

    /// <summary>The known name that differs from <paramref name="name"/> in the fewest letters, or null when none is near.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        if (name.Length > LongestName)
            return null;
        string? nearest = null;
        var least = Math.Clamp(name.Length / 4, 1, MostMistakes) + 1;
        foreach (var candidate in known)
        {
            if (Math.Abs(candidate.Length - name.Length) < least && Distance(name, candidate, least) is var distance && distance < least)
                (nearest, least) = (candidate, distance);
        }
        return nearest;
    }

    /// <summary>Levenshtein distance, without regard to case; some number that is not below <paramref name="limit"/> when the distance is not.</summary>
    private static int Distance(string a, string b, int limit)
    {
        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            var best = row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
                best = Math.Min(best, row[j]);
            }
            // It never falls from row to row.
            if (best >= limit)
                return best;
        }
        return row[b.Length];
    }
}
