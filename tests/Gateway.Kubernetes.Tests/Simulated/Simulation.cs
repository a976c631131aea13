using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Simulated;

/// <summary>
/// Runs asynchronous code on one thread and on a clock of its own: every run is the same, and an hour takes no time.
/// </summary>
internal sealed class Simulation : SynchronizationContext
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = [];

    public SimulatedTime Time { get; } = new();

    /// <summary>Runs <paramref name="test"/> in a simulation of its own.</summary>
    public static void Run(Action<Simulation> test)
    {
        var before = Current;
        var simulation = new Simulation();
        SetSynchronizationContext(simulation);
        try
        {
            test(simulation);
            simulation.Settle();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_queue)
            _queue.Enqueue((d, state));
    }

    /// <summary>Runs until nothing is left to do at this time.</summary>
    public void Settle()
    {
        while (Take() is ({ } callback, var state))
            callback(state);
    }

    /// <summary>Lets time pass.</summary>
    public void Advance(TimeSpan by, TimeSpan? step = null)
    {
        Settle();
        for (var left = by; left > TimeSpan.Zero; left -= step ?? Step)
        {
            var next = step ?? Step;
            Time.Advance(left < next ? left : next);
            Settle();
        }
    }

    /// <summary>Lets time pass until <paramref name="condition"/> holds; fails after <paramref name="atMost"/>. Returns how long it took.</summary>
    public TimeSpan AdvanceUntil(Func<bool> condition, TimeSpan atMost, string what)
    {
        var start = Time.GetTimestamp();
        Settle();
        while (!condition())
        {
            Assert.True(Time.GetElapsedTime(start) < atMost, $"not within {atMost}: {what}");
            Time.Advance(Step);
            Settle();
        }
        return Time.GetElapsedTime(start);
    }

    /// <summary>Runs <paramref name="task"/> to its end, without time passing.</summary>
    public T Await<T>(Task<T> task)
    {
        Settle();
        Assert.True(task.IsCompleted, "the task waits for time to pass");
        return task.GetAwaiter().GetResult();
    }

    private (SendOrPostCallback?, object?) Take()
    {
        lock (_queue)
            return _queue.TryDequeue(out var next) ? (next.Callback, next.State) : (null, null);
    }
}

/// <summary>A clock whose wall time can be set without time passing.</summary>
internal sealed class SimulatedTime : FakeTimeProvider
{
    public SimulatedTime()
        : base(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>How wrong the wall clock is.</summary>
    public TimeSpan WallClockError { get; set; }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + WallClockError;

    /// <inheritdoc/>
    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
