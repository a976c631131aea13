namespace Gateway.Kubernetes.Api;

/// <summary>Waits between two rounds of a loop that looks itself whether it is to go on.</summary>
internal static class Pauses
{
    /// <summary>Returns after <paramref name="pause"/>, or as soon as <paramref name="stop"/> is requested, without throwing.</summary>
    public static async Task PauseAsync(this TimeProvider time, TimeSpan pause, CancellationToken stop)
    {
        try
        {
            await Task.Delay(pause, time, stop);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
