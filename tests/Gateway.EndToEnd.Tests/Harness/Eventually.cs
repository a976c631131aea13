using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>Polls with a deadline.</summary>
internal static class Eventually
{
    /// <summary>Polls <paramref name="read"/> until <paramref name="done"/>; fails with the last value after 20 s.</summary>
    public static async Task<T> IsAsync<T>(Func<Task<T>> read, Func<T, bool> done)
    {
        var clock = Stopwatch.StartNew();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            var value = await read();
            if (done(value))
                return value;
            if (clock.Elapsed > TimeSpan.FromSeconds(20))
                Assert.Fail($"still {value} after 20 s");
            await pace.WaitForNextTickAsync();
        }
    }

    /// <summary>Polls until <paramref name="condition"/> holds; fails after 20 s.</summary>
    public static Task HoldsAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        IsAsync(() => Task.FromResult(condition() ? "" : "not " + text), failing => failing.Length == 0);
}
