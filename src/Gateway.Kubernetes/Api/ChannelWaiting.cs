using System.Threading.Channels;

namespace Gateway.Kubernetes.Api;

/// <summary>Waits for a channel, but not for ever.</summary>
internal static class ChannelWaiting
{
    /// <summary>Returns when <paramref name="reader"/> has something to read, or after <paramref name="timeout"/>.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was requested.</exception>
    public static async Task WaitAsync<T>(this ChannelReader<T> reader, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // Timers count whole milliseconds; less than one would be no wait at all.
        var wait = timeout == Timeout.InfiniteTimeSpan ? timeout : TimeSpan.FromMilliseconds(Math.Ceiling(timeout.TotalMilliseconds));
        // Not Task.WaitAsync: it would leave the reader waiting when time is up.
        await using var timer = time.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), waiting, wait, Timeout.InfiniteTimeSpan);
        try
        {
            await reader.WaitToReadAsync(waiting.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
        }
    }
}
