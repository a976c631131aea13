using System.Diagnostics;

namespace Gateway.Kubernetes.Tests.Harness;

/// <summary>Waits for something to become true, not for time to pass.</summary>
internal static class Wait
{
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(10);

    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan? timeout = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > (timeout ?? Default))
                throw new TimeoutException("The condition did not become true in time");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public static Task UntilAsync(Func<bool> condition, TimeSpan? timeout = null) => UntilAsync(() => Task.FromResult(condition()), timeout);
}
