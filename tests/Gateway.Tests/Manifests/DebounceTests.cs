using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Manifests;

/// <summary>How long a save waits for more of its kind.</summary>
public sealed class DebounceTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task A_single_save_is_taken_in_after_a_tenth_of_a_second_at_most()
    {
        var time = new TimerWatch();
        await using var follower = new Follower(time);
        await follower.StartAsync();
        time.ShortPauses = 0;
        follower.Write("a.yaml", Follower.ConfigMap("a", "1"));

        // The clock stands still until the folder has noticed; several events of one save begin the pause anew.
        var passed = TimeSpan.Zero;
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (follower.ValueOf("a") is null)
        {
            Assert.True(DateTime.UtcNow < deadline, "the folder has not begun a short pause");
            await Task.Delay(Tick, TestContext.Current.CancellationToken);
            if (Volatile.Read(ref time.ShortPauses) == 0 || passed >= 2 * TimerWatch.Short)
                continue;
            time.Advance(Tick);
            passed += Tick;
        }
    }

    [Fact]
    public async Task A_save_in_many_steps_is_taken_in_as_one()
    {
        var time = new TimerWatch();
        await using var follower = new Follower(time);
        await follower.StartAsync();
        time.ShortPauses = 0;

        // All come before the pause after the first has ended.
        for (var step = 1; step <= 5; step++)
        {
            var noticed = Volatile.Read(ref time.ShortPauses);
            follower.Write("a.yaml", Follower.ConfigMap("a", $"{step}"));
            await follower.Eventually(() => Volatile.Read(ref time.ShortPauses) > noticed, "the step is noticed", advance: false);
            time.Advance(Tick / 2);
        }

        await follower.EventuallyIs("a", "5");
        Assert.Equal(1, follower.Changes);
    }

    private sealed class TimerWatch : FakeTimeProvider
    {
        public static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);

        /// <summary>How many timers were started that end within a tenth of a second.</summary>
        public int ShortPauses;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime > TimeSpan.Zero && dueTime <= Short)
                Interlocked.Increment(ref ShortPauses);
            return timer;
        }
    }
}
